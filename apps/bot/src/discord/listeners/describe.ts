import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  type ChatInputCommandInteraction,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
} from 'discord.js';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { Chat, Closing, type ImageReference, type Question, type Wish } from '../../contract/index.js';
import { wordsFor } from '../../words/index.js';
import { namesOf, readableText } from '../conversation/incoming-text.js';
import { MessageImages } from '../conversation/message-images.js';
import { placeOf, presserOf } from '../conversation/people.js';
import { EditPace } from '../reply/edit-pace.js';
import { type AnswerableInteraction, InteractionReply } from '../reply/interaction-reply.js';
import { outlivesToken, whileTokenLasts } from '../reply/interaction-token.js';
import { parseContent } from '../reply/reply-format.js';
import { commandNames } from './commands.js';

/** Alt text on Discord holds this many characters (Discord docs, Attachment Object). */
const altText: Wish = { kind: 'alt-text', maxLength: 1_024 };
const description: Wish = { kind: 'chat' };

/** A question that a command asks, outside of any chain of messages. */
interface CommandQuestion {
  readonly id: string;
  readonly askerId: string;
  readonly wish: Wish;
  readonly text: string;
  readonly images: readonly ImageReference[];
  readonly again?: boolean;
}

/** Answers slash commands and the entries in the menu of messages. */
@Injectable()
export class DescribeListener {
  constructor(
    private readonly chat: Chat,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'language'>,
    private readonly images: MessageImages,
    private readonly pace: EditPace,
    private readonly logger: Logger,
    private readonly closing: Closing,
  ) {}

  async handleCommand(interaction: ChatInputCommandInteraction): Promise<void> {
    // `getAttachment` and `getString` throw where an option is of another type than was declared.
    const attachment = interaction.options.get(commandNames.image)?.attachment;
    if (!attachment) return this.sayNoImage(interaction);
    const image = this.images.referTo(attachment, 'attachment');
    const typed = interaction.options.get(commandNames.question)?.value;
    const names = namesOf(interaction.guild, interaction.client);
    const text = readableText(typeof typed === 'string' ? typed : '', names, interaction.locale);
    const wish = interaction.commandName === commandNames.altText ? altText : description;
    await this.answerCommand(interaction, wish, text, [image]);
  }

  async handleMenuEntry(interaction: MessageContextMenuCommandInteraction): Promise<void> {
    const message = interaction.options.getMessage('message');
    const images = message ? this.images.find(message) : [];
    if (images.length === 0) return this.sayNoImage(interaction);
    const wish = interaction.commandName === commandNames.altTextMenu ? altText : description;
    await this.answerCommand(interaction, wish, '', images);
  }

  /** Answers a command's question anew, in the message that holds the question and its pictures. */
  async answerAgain(interaction: AnswerableInteraction, answer: Message, questionId: string): Promise<void> {
    const { question, text } = parseContent(answer.content);
    await this.answer(
      interaction,
      {
        id: questionId,
        askerId: answer.interactionMetadata?.user.id ?? interaction.user.id,
        wish: description,
        text: question,
        images: this.images.find(answer),
        again: text !== '',
      },
      answer,
    );
  }

  private async sayNoImage(interaction: AnswerableInteraction): Promise<void> {
    const { noImage } = wordsFor(interaction.locale, this.config);
    await interaction.reply({ content: noImage, flags: MessageFlags.Ephemeral });
  }

  private async answerCommand(
    interaction: ChatInputCommandInteraction | MessageContextMenuCommandInteraction,
    wish: Wish,
    text: string,
    images: readonly ImageReference[],
  ): Promise<void> {
    // Alt text is for the asker to paste; a description is part of the conversation.
    const isPrivate = wish.kind === 'alt-text';
    await interaction.deferReply(isPrivate ? { flags: MessageFlags.Ephemeral } : {});
    await this.answer(interaction, {
      id: interaction.id,
      askerId: interaction.user.id,
      wish,
      text,
      images: images.map(loadOnce),
    });
  }

  /** @param existing the answer that is replaced */
  private async answer(
    interaction: AnswerableInteraction,
    { id, askerId, wish, text, images, again }: CommandQuestion,
    existing?: Message,
  ): Promise<void> {
    const asked = {
      questionId: id,
      askerId,
      question: text,
      pictures: wish.kind === 'alt-text' || existing ? [] : images,
      canBeAskedAgain: wish.kind === 'chat',
    };
    const asking: Question = {
      platform: 'discord',
      id,
      conversation: id,
      asker: presserOf(interaction),
      place: placeOf(interaction),
      locale: interaction.locale,
      wish,
      readMessages: async () => [{ id, author: { kind: 'user', id: askerId }, text, images, warnings: [] }],
      ...(again && { again }),
    };
    const words = wordsFor(interaction.locale, this.config);
    const reply = new InteractionReply(
      interaction,
      asked,
      { words, pace: this.pace, logger: this.logger },
      existing,
    );
    if (wish.kind === 'chat' && outlivesToken(interaction)) {
      await this.chat.answer(asking, reply, this.closing.signal);
      return;
    }
    await whileTokenLasts(interaction, (end) =>
      this.chat.answer(asking, reply, AbortSignal.any([this.closing.signal, end])),
    );
  }
}

/** A picture that is both looked at and posted is fetched once. */
function loadOnce(image: ImageReference): ImageReference {
  let loading: Promise<Uint8Array> | undefined;
  return {
    ...image,
    load: (signal) => {
      loading ??= image.load(signal);
      return loading;
    },
  };
}
