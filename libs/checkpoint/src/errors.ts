import { CodedError } from '#libs/errors';

export type CheckpointFault =
  /** The file is cut off, damaged, or not a checkpoint at all. */
  | 'damaged'
  /** The file may be sound, but holds something this reader does not know. */
  | 'unsupported'
  /** The pickle inside a PyTorch file asks for something that no checkpoint needs, so it was not executed. */
  | 'pickle-refused'
  /** A path leads nowhere, or an index names a file that is not there. */
  | 'file-missing'
  /** A tensor was asked for that the checkpoint does not hold. */
  | 'tensor-missing';

/** Something is wrong with a checkpoint. The sentence names the file and says what to do about it. */
export class CheckpointError extends CodedError<CheckpointFault> {
  constructor(
    fault: CheckpointFault,
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(fault, `${file}: ${problem}`, options);
  }
}
