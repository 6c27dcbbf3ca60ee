/** Turns that cannot be made a prompt: nothing was asked. */
export class ConversationError extends Error {
  override readonly name = 'ConversationError';
}

/** The question alone, with the images it is about, is more than the model's context takes. */
export class QuestionTooLongError extends Error {
  override readonly name = 'QuestionTooLongError';

  constructor(
    readonly limit: 'tokens' | 'images',
    /** What the question needs of the limit. */
    readonly needed: number,
    /** What there is. */
    readonly available: number,
  ) {
    super(
      limit === 'tokens'
        ? `The question takes ${needed} tokens and the model has room for ${available}. Ask with fewer words.`
        : `The question is about ${needed} images and the model takes ${available} at a time. Ask with fewer images.`,
    );
  }
}
