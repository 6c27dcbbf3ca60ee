import fc from 'fast-check';

/** One change to a payload: a field that is null, missing or of another type. */
export interface Oddity {
  /** Chooses the field, counted over all of a payload. */
  readonly field: number;
  readonly becomes: unknown;
}

const missing = Symbol('missing');

export const oddity: fc.Arbitrary<Oddity> = fc.record({
  field: fc.nat(10_000),
  becomes: fc.constantFrom<unknown>(null, missing, 7, 'odd', true, [], [null], [7], {}, { odd: null }),
});

/** The payload with one change somewhere in it. @param spared fields of the first level that stay as they are */
export function distorted(
  payload: unknown,
  { field, becomes }: Oddity,
  spared: readonly string[] = [],
): unknown {
  const copy = structuredClone(payload);
  const places = [...placesIn(copy)].filter(({ path }) => !spared.includes(String(path[0])));
  const place = places[field % places.length];
  if (!place) return copy;
  const { holder, key } = place;
  if (becomes !== missing) holder[key] = becomes;
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
  return copy;
}

type Holder = Record<string, unknown>;

function* placesIn(
  value: unknown,
  path: readonly string[] = [],
): Generator<{ holder: Holder; key: string; path: readonly string[] }> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const inner = [...path, key];
    yield { holder: value as Holder, key, path: inner };
    yield* placesIn((value as Holder)[key], inner);
  }
}
