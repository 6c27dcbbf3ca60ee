// npm run build [FOLDER…]: compiles the apps and libs, and further folders that are named, into dist/.
import { compile } from './compile.mjs';

await compile(['apps', 'libs', ...process.argv.slice(2)]);
