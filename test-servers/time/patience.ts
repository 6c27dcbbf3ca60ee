/**
 * How long tests wait for one thing before they say what they waited for in vain: far longer than it takes, since on a
 * busy machine the start of a process alone was seen to take 45 s. Jest's own limit is longer still.
 */
export const patienceMs = 90_000;
