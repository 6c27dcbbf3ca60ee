/**
 * How long tests wait for one thing before they say what they waited for in vain: far longer than it takes, since on a
 * busy machine the start of a process alone was seen to take 45 s. Jest's own limit is longer still. Runs in which
 * waits in vain are to be expected (`npm run mutants`) shorten it.
 */
export const patienceMs = Number(process.env.PATIENCE_SECONDS ?? 120) * 1_000;
