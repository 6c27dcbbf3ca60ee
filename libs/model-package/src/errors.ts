/** A model package is missing, incomplete, or does not fit what its model.json says. */
export class ModelPackageError extends Error {
  override readonly name = 'ModelPackageError';
}

/** Published checkpoints cannot be made into a model package; the message says which file and what to do. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
}
