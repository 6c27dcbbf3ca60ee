import {
  type BaseMessageOptions,
  type ChatInputCommandInteraction,
  type Message,
  type MessageComponentInteraction,
  type MessageContextMenuCommandInteraction,
  type MessageEditOptions,
  MessageFlags,
  RESTJSONErrorCodes,
} from 'discord.js';

import {
  type EditSink,
  type ImageReference,
  type ReplyAction,
  ReplyGoneError,
  type ReplyView,
} from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { hasCode, translateError } from './api-errors.js';
import { Delivery, type DeliveryLog } from './delivery.js';
import type { EditPace } from './edit-pace.js';
import { outlivesToken } from './interaction-token.js';
import { formatButtons, formatContent, maxAnswerLength } from './reply-format.js';

export type AnswerableInteraction =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | MessageComponentInteraction;

type ReplyMessage = Pick<BaseMessageOptions, 'content' | 'components' | 'files'> & {
  readonly attachments?: MessageEditOptions['attachments'];
};

/** What a reply to an interaction shows besides the answer. */
export interface Asked {
  readonly questionId: string;
  readonly askerId: string;
  readonly question: string;
  /** Pictures that only the asker's command holds: they are posted with the answer, so that it can be followed up. */
  readonly pictures: readonly ImageReference[];
  /** Whether everything needed to answer again is in the answer's message. */
  readonly canBeAskedAgain: boolean;
}

/** What replies are made with. */
interface ReplyMeans {
  readonly words: Words;
  readonly pace: EditPace;
  readonly logger: DeliveryLog;
}

/** "alt text for attachments: up to 1024 characters" (Discord docs, Attachment Object). */
const maxAltText = 1_024;

/** Answers a deferred interaction through its webhook, which has limits of its own. */
export class InteractionReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxAnswerLength;
  private readonly parts: Message[];
  private readonly delivery: Delivery;

  /** @param existing the answer that is replaced */
  constructor(
    private readonly interaction: AnswerableInteraction,
    private readonly asked: Asked,
    private readonly means: ReplyMeans,
    existing?: Message,
  ) {
    this.parts = existing ? [existing] : [];
    this.delivery = new Delivery(`the answer to the command ${asked.questionId}`, means.logger);
  }

  interval(): number {
    return this.means.pace.interval(this.interaction.token);
  }

  async show(index: number, view: ReplyView): Promise<void> {
    if (view.state === 'refused') return this.refuse(view);
    this.parts[index] = await this.delivery.show(
      view,
      // A deferred answer is edited from the first time on, but nothing of it can be read yet.
      this.parts[index] === undefined,
      () => this.write(index, view),
      [
        { name: 'a message for the asker alone', send: () => this.writeAlone(index, view) },
        { name: 'a direct message', send: () => this.interaction.user.send(this.format(index, view)) },
      ],
    );
  }

  private async write(index: number, view: ReplyView): Promise<Message> {
    const part = this.parts[index];
    const pictures = part ? describePictures(part, view) : { files: await this.filesFor(index) };
    const message = { ...this.format(index, view), ...pictures };
    try {
      return await this.writeByToken(index, message);
    } catch (error) {
      if (!hasCode(error, RESTJSONErrorCodes.InvalidWebhookToken) || !outlivesToken(this.interaction))
        throw error;
      return this.writeAsBot(index, message);
    }
  }

  private writeAlone(index: number, view: ReplyView): Promise<Message> {
    return this.interaction.followUp({ ...this.format(index, view), flags: MessageFlags.Ephemeral });
  }

  private format(index: number, view: ReplyView) {
    const { words } = this.means;
    const { without } = this.delivery;
    const shown = without.has('text') ? { ...view, text: '', status: words.discord.moderated } : view;
    const notes =
      without.has('files') && index === 0 ? [...shown.notes, words.discord.pictureNotPosted] : shown.notes;
    return {
      content: formatContent({ ...shown, notes }, index === 0 ? this.asked.question : ''),
      components: formatButtons({ actions: this.actions(view) }, this.asked, words),
    };
  }

  private writeByToken(index: number, message: ReplyMessage): Promise<Message> {
    const part = this.parts[index];
    if (index === 0) return this.interaction.webhook.editMessage('@original', message);
    return part ? this.interaction.webhook.editMessage(part.id, message) : this.interaction.followUp(message);
  }

  /** After fifteen minutes the token is void: where the bot is, it goes on as with any message. */
  private writeAsBot(index: number, message: ReplyMessage): Promise<Message> {
    const part = this.parts[index];
    if (part) return part.edit(message);
    const { channel } = this.interaction;
    if (!channel?.isSendable()) throw new ReplyGoneError('The bot may not write in this channel.');
    const before = this.parts[index - 1];
    return channel.send({ ...message, ...(before && { reply: { messageReference: before } }) });
  }

  private actions({ actions }: ReplyView): readonly ReplyAction[] {
    return this.asked.canBeAskedAgain ? actions : actions.filter((action) => action !== 'regenerate');
  }

  /** Refusals are shown to the asker alone, which the deferred answer no longer can be. */
  private async refuse(view: ReplyView): Promise<void> {
    try {
      await this.interaction.deleteReply();
      await this.interaction.followUp({ content: formatContent(view, ''), flags: MessageFlags.Ephemeral });
    } catch (error) {
      throw translateError(error);
    }
  }

  private async filesFor(index: number): Promise<{ attachment: Buffer; name: string }[]> {
    if (index > 0 || this.delivery.without.has('files')) return [];
    const loading = this.asked.pictures.map(async ({ name, load }) => {
      // The answer itself says which picture could not be fetched.
      const bytes = await load(new AbortController().signal).catch(() => undefined);
      return bytes ? [{ attachment: Buffer.from(bytes), name }] : [];
    });
    return (await Promise.all(loading)).flat();
  }
}

/** What was said of the pictures that the bot posted becomes their alt text. */
function describePictures(part: Message, view: ReplyView) {
  const isOver = view.state !== 'thinking' && view.state !== 'streaming';
  if (!isOver || view.text === '' || part.attachments.size === 0) return {};
  const description = view.text.slice(0, maxAltText);
  return { attachments: part.attachments.map((attachment) => ({ id: attachment.id, description })) };
}
