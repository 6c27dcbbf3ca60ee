import { problemOf, thisSystem } from './system.js';

// Before the native library fails to load, which names a file and not the reason.
const problem = problemOf(thisSystem());
if (problem !== undefined) throw new Error(problem);
