/** Something is wrong with a checkpoint. The message names the file and says what to do about it. */
export class CheckpointError extends Error {
  override readonly name: string = 'CheckpointError';

  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}`, options);
  }
}

/** The file is cut off, damaged, or not a checkpoint at all. */
export class DamagedCheckpointError extends CheckpointError {
  override readonly name = 'DamagedCheckpointError';
}

/** The file may be sound, but holds something this reader does not know. */
export class UnsupportedCheckpointError extends CheckpointError {
  override readonly name = 'UnsupportedCheckpointError';
}

/** The pickle inside a PyTorch file asks for something that no checkpoint needs, so it was not executed. */
export class RefusedPickleError extends CheckpointError {
  override readonly name = 'RefusedPickleError';
}

/** A path leads nowhere, or an index names a file that is not there. */
export class MissingCheckpointFileError extends CheckpointError {
  override readonly name = 'MissingCheckpointFileError';
}

/** A tensor was asked for that the checkpoint does not hold. */
export class MissingTensorError extends CheckpointError {
  override readonly name = 'MissingTensorError';
}
