/** Does the work for every item, so many at once, and begins nothing more once something failed. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values(); // shared, so that each item is taken by one worker
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  const workers = Array.from({ length: atOnce }, () =>
    worker().catch((error: unknown) => {
      waiting.return?.();
      throw error;
    }),
  );
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
