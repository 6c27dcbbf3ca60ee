export { repositoryRoot } from './repository.js';
export { StartUpError } from './start-up-error.js';
export { loadVariables, setVariables } from './variables.js';
