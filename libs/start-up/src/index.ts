export { surviveBrokenOutput } from './broken-output.js';
export { repositoryRoot } from './repository.js';
export { readSettings } from './settings-file.js';
export { loadVariables, readVariables, setVariables } from './variables.js';
