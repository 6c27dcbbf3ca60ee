// FAST_CHECK_SEED repeats the random cases of a failed property, whose seed is in its message.
const seed = process.env.FAST_CHECK_SEED;
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}
