export { type ConversionOptions, type ConversionProgress, convert } from './convert.js';
export { ConversionError, ModelPackageError } from './errors.js';
export * from './manifest.js';
export { type ModelPackage, openModelPackage } from './open-model-package.js';
export { digestOfFile, MANIFEST_FILE, sizeOfFile, TOKENIZER_FILE, weightFiles } from './package-files.js';
export type { SourcePaths } from './published-sources.js';
export { changedFiles, verifyModelPackage } from './verify-model-package.js';
export { requireNewFolder } from './write-folder-at-once.js';
