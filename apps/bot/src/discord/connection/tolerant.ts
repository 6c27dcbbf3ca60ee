import { z } from 'zod';

/** Discord's ids: 64-bit numbers as text (Discord docs, Snowflakes). */
export const snowflake = z.string().regex(/^\d{1,20}$/);

/** Is called with the kind of each item that could not be read and was left out. */
export type LeftOut = (kind: string) => void;

/** A field that the bot can do without: null or of another type is the same as missing. */
export function maybe<Shape extends z.ZodType>(shape: Shape) {
  return shape.optional().catch(undefined);
}

export const maybeText = maybe(z.string());
export const maybeNumber = maybe(z.number());
export const maybeFlag = maybe(z.boolean());

/**
 * An object with only the fields that are named and there: discord.js takes a field that is undefined for one that
 * Discord sent, and reads fields of which the bot needs nothing.
 */
export function fields<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object(shape).transform((value) => {
    const present = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(present) as typeof value;
  });
}

/** A list that is read item by item; what cannot be read of it is left out. */
export function each<Shape extends z.ZodType>(shape: Shape, kind: string, leftOut: LeftOut) {
  return maybe(z.array(z.unknown())).transform((items) =>
    items?.flatMap((item) => readOr(shape, item, () => leftOut(kind))),
  );
}

/** Objects by id, as Discord sends what a command refers to. */
export function eachById<Shape extends z.ZodType>(shape: Shape, kind: string, leftOut: LeftOut) {
  return maybe(z.record(z.string(), z.unknown())).transform((items) => {
    if (!items) return undefined;
    const read = Object.entries(items).flatMap(([id, item]) =>
      readOr(shape, item, () => leftOut(kind)).map((value) => [id, value] as const),
    );
    return Object.fromEntries(read);
  });
}

function readOr<Shape extends z.ZodType>(shape: Shape, item: unknown, otherwise: () => void) {
  const { success, data } = shape.safeParse(item);
  if (success) return [data];
  otherwise();
  return [];
}
