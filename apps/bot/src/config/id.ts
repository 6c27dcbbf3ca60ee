import { z } from 'zod';

/** A platform's id. As a number, one of that length would lose its last digits when YAML reads it. */
export const id = z.string({
  error: ({ input }) => (typeof input === 'number' ? "Discord's ids have to stand in quotes" : undefined),
});
