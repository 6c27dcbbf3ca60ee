export { surviveBrokenOutput } from './broken-output.js';
export { repositoryRoot } from './repository.js';
export { readSettings } from './settings-file.js';
export { StartUpError } from './start-up-error.js';
export { loadVariables, readVariables, setVariables } from './variables.js';
