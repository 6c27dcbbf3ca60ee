import { CodedError } from '#libs/errors';
/** Turns that cannot be made a prompt: nothing was asked. */
export class ConversationError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('conversation', sentence, options);
  }
}

const sentences = {
  tokens: (needed: number, room: number) =>
    `The question takes ${needed} tokens and the model has room for ${room}. Ask with fewer words.`,
  characters: (needed: number, room: number) =>
    `The question has ${needed} characters and the model has room for at most ${room}. Ask with fewer words.`,
  images: (needed: number, room: number) =>
    `The question is about ${needed} images and the model takes ${room} at a time. Ask with fewer images.`,
};

/** The question alone, with the images it is about, is more than the model's context takes. */
export class QuestionTooLongError extends CodedError {
  constructor(
    readonly limit: keyof typeof sentences,
    /** What the question needs of the limit. */
    readonly needed: number,
    /** What there is. */
    readonly available: number,
  ) {
    super('question-too-long', sentences[limit](needed, available));
  }
}
