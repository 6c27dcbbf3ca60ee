import { compile } from '../scripts/compile.mjs';

/** Processes and worker threads under test run what was built: it is never older than the sources beside the tests. */
export default () => compile(['apps', 'libs']);
