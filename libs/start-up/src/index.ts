export { repositoryRoot } from './repository.js';
export { StartUpError } from './start-up-error.js';
