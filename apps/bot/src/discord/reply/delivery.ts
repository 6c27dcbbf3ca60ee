import { DiscordAPIError, type Message, RESTJSONErrorCodes } from 'discord.js';

import { ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { translateError } from './api-errors.js';

/** A part of a message that Discord may refuse while it takes the rest. */
type RefusablePart = 'reference' | 'text' | 'files';

/** Where else a message may go. */
interface OtherWay {
  /** As the log says it: "sent as …". */
  readonly name: string;
  readonly send: () => Promise<Message>;
}

export interface DeliveryLog {
  warn(line: string): void;
}

/** Codes that say which part of a message is refused (Discord docs, JSON Error Codes). */
const refusedParts = new Map<number | string, RefusablePart>([
  [RESTJSONErrorCodes.CannotReplyWithoutPermissionToReadMessageHistory, 'reference'],
  [RESTJSONErrorCodes.MessageWasBlockedByAutomaticModeration, 'text'],
  [RESTJSONErrorCodes.RequestEntityTooLarge, 'files'],
]);

/**
 * Brings the messages of one answer to the asker, whatever Discord refuses: first the same message without what was
 * refused, then by another way, and last a line in the log.
 */
export class Delivery {
  /** What is left out of the messages of this answer, as Discord refused it once. */
  readonly without = new Set<RefusablePart>();

  /** @param what the answer, as the log names it */
  constructor(
    private readonly what: string,
    private readonly logger: DeliveryLog,
  ) {}

  /**
   * @param write posts or edits a message, without the parts in `without`
   * @param isNew true when there is nothing yet that could be edited later
   * @throws ReplyGoneError when the message was deleted, or nothing reaches the asker
   */
  async show(
    view: ReplyView,
    isNew: boolean,
    write: () => Promise<Message>,
    otherwise: readonly OtherWay[],
  ): Promise<Message> {
    const refusal = await this.writeWithoutRefused(write);
    if ('message' in refusal) return refusal.message;
    // An edit on the way is made up for by the next; what it ends with has to be read.
    if (!isNew && !isFinal(view)) throw refusal.error;
    for (const { name, send } of otherwise) {
      try {
        const message = await send();
        this.logger.warn(`${this.reason(refusal.error)}: it was sent as ${name}.`);
        return message;
      } catch (error) {
        if (!(error instanceof DiscordAPIError)) throw error;
      }
    }
    this.logger.warn(`${this.reason(refusal.error)}, nor does any other way lead to the asker.`);
    throw new ReplyGoneError('Discord takes the answer nowhere.', { cause: refusal.error });
  }

  private async writeWithoutRefused(
    write: () => Promise<Message>,
  ): Promise<{ readonly message: Message } | { readonly error: DiscordAPIError }> {
    for (;;) {
      try {
        return { message: await write() };
      } catch (error) {
        if (!isRefusal(error)) throw translateError(error);
        const part = refusedParts.get(error.code);
        if (part === undefined || this.without.has(part)) return { error };
        this.without.add(part);
        this.logger.warn(`${this.reason(error)}: it is shown without its ${part}.`);
      }
    }
  }

  private reason({ message, code }: DiscordAPIError): string {
    return `Discord does not take ${this.what} (${message}, ${code})`;
  }
}

/** Discord understood the request and does not want it: to send it again changes nothing. */
function isRefusal(error: unknown): error is DiscordAPIError {
  return (
    error instanceof DiscordAPIError && [400, 403, 413].includes(error.status) && error.code !== tokenIsVoid
  );
}

/** An interaction's token after fifteen minutes, which has a way of its own. */
const tokenIsVoid = RESTJSONErrorCodes.InvalidWebhookToken;

function isFinal({ state }: ReplyView): boolean {
  return state !== 'thinking' && state !== 'streaming';
}
