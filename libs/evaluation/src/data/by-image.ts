/** Questions by the picture they are about, in the order in which pictures first come up. */
export function byImage<Entry>(
  entries: Iterable<Entry>,
  imageOf: (entry: Entry) => string,
): [image: string, entries: Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(imageOf(entry));
    if (group) group.push(entry);
    else groups.set(imageOf(entry), [entry]);
  }
  return [...groups];
}
