import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { BotConfig } from '../../config/bot-config.js';
import { BOT_CONFIG } from '../../config/settings.js';
import { ImageUnavailableError } from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { type KnownPerson, People } from '../conversation/people.js';
import { LinkNotAllowedError, PromptImages, readCommandText } from '../conversation/prompts.js';
import { Questions } from '../conversation/questions.js';
import { type SlackMessage, slackMessage } from '../conversation/slack-message.js';
import { errorCode } from '../reply/api-errors.js';
import { replyPrivately, replyWithFallbacks } from '../reply/fallback-reply.js';
import { escapeEntities } from '../reply/outgoing-text.js';
import { PrivateReply, tellPrivately } from '../reply/private-reply.js';
import type { Prompt, PromptImage } from '../reply/reply-record.js';
import { Answers } from './answers.js';
import { describeModal, type ModalSubmission } from './describe-modal.js';

/** A trigger can open a modal for three seconds, so a slow search for the latest image is given up before. */
const lookForMs = 1_500;

export const slashCommand = z.object({
  command: z.string(),
  text: z.string().catch(''),
  channel_id: z.string(),
  user_id: z.string(),
  response_url: z.string(),
  trigger_id: z.string(),
});

type SlashCommand = z.infer<typeof slashCommand>;

export const messageShortcut = z.object({
  channel: z.object({ id: z.string() }),
  user: z.object({ id: z.string() }),
  response_url: z.string(),
  message: slackMessage,
});

type MessageShortcut = z.infer<typeof messageShortcut>;

/** A question that no message asks, and where its answer goes. */
interface Request {
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly responseUrl: string;
  readonly person: KnownPerson;
  readonly prompt: Prompt;
}

/** `/describe`, `/alt-text`, their modal, and the entries of the message menu. */
@Injectable()
export class DescribeListener {
  constructor(
    private readonly client: WebClient,
    private readonly people: People,
    private readonly questions: Questions,
    private readonly promptImages: PromptImages,
    private readonly answers: Answers,
    @Inject(BOT_CONFIG) private readonly config: Pick<BotConfig, 'images'>,
  ) {}

  async handleCommand(command: SlashCommand, wish: Prompt['wish']): Promise<void> {
    const { address, question } = readCommandText(command.text);
    const viewer = { user: command.user_id, channel: command.channel_id };
    if (address !== undefined) {
      const person = await this.people.find(command.user_id);
      const images = await this.findOrRefuse(command, person, () =>
        this.promptImages.findBehind(address, viewer),
      );
      if (images === undefined) return;
      return this.answer(requestOf(command, person, { text: question, wish, images }));
    }
    const [person, latest] = await Promise.all([
      this.people.find(command.user_id),
      Promise.race([this.findLatest(command.channel_id), sleep(lookForMs)]),
    ]);
    if (latest === undefined) return this.askForFile(command, wish, this.answers.wordsFor(person));
    return this.answer(
      requestOf(command, person, {
        text: question,
        wish,
        images: (await this.promptImages.findIn(latest)).slice(0, 1),
      }),
    );
  }

  async handleModal({ user, origin, files, question }: ModalSubmission): Promise<void> {
    const images = files.map(({ id, name }): PromptImage => ({ kind: 'file', file: id, name: name ?? id }));
    const { channel, responseUrl, wish } = origin;
    const person = await this.people.find(user);
    const prompt = { text: question, wish, images };
    return this.answer({ channel, threadTs: undefined, responseUrl, person, prompt });
  }

  async handleMenuEntry(shortcut: MessageShortcut, wish: Prompt['wish']): Promise<void> {
    const { message, channel, user, response_url: responseUrl } = shortcut;
    const person = await this.people.find(user.id);
    const images = await this.promptImages.findIn(message);
    if (images.length === 0) {
      const text = this.answers.wordsFor(person).noImage;
      return tellPrivately(responseUrl, text);
    }
    const threadTs = message.thread_ts ?? message.ts;
    return this.answer({
      channel: channel.id,
      threadTs,
      responseUrl,
      person,
      prompt: { text: '', wish, images },
    });
  }

  /** Alt text is for the asker, to be pasted; descriptions are for everybody in the conversation. */
  private async answer({ channel, threadTs, responseUrl, person, prompt }: Request): Promise<void> {
    const question = this.questions.buildFromPrompt({ channel, root: threadTs, person }, prompt);
    const words = this.answers.wordsFor(person);
    const isPrivate = prompt.wish === 'alt-text';
    const heading = isPrivate ? `*${words.altTextHeading}*` : headingOf(prompt, person, words);
    const alone = new PrivateReply(responseUrl, words, heading);
    const subject = this.answers.makeSubject(question, person, { channel, threadTs, prompt, heading });
    const { tools } = this.answers;
    const sink = isPrivate
      ? replyPrivately(tools, subject, alone)
      : replyWithFallbacks(tools, subject, { alone });
    await this.answers.answer(question, sink);
  }

  private async findOrRefuse(
    command: SlashCommand,
    person: KnownPerson,
    find: () => Promise<PromptImage[]>,
  ): Promise<PromptImage[] | undefined> {
    const words = this.answers.wordsFor(person);
    try {
      const images = await find();
      if (images.length > 0) return images;
      await tellPrivately(command.response_url, words.noImage);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await tellPrivately(command.response_url, words.slack.linkNotAllowed);
    }
    return undefined;
  }

  /** Also finds none when the app may not read the channel: a file can always be uploaded instead. */
  private async findLatest(channel: string): Promise<SlackMessage | undefined> {
    try {
      return await this.questions.findLatestWithImage(channel);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  private async askForFile(command: SlashCommand, wish: Prompt['wish'], words: Words): Promise<void> {
    const origin = { channel: command.channel_id, responseUrl: command.response_url, wish };
    const view = describeModal(origin, this.config.images.maxPerQuestion, words);
    try {
      await this.client.views.open({ trigger_id: command.trigger_id, view });
    } catch (error) {
      if (errorCode(error) !== 'expired_trigger_id') throw error;
      const text = words.slack.usage(command.command);
      await tellPrivately(command.response_url, text);
    }
  }
}

function requestOf(command: SlashCommand, person: KnownPerson, prompt: Prompt): Request {
  const { channel_id: channel, response_url: responseUrl } = command;
  return { channel, threadTs: undefined, responseUrl, person, prompt };
}

function headingOf(prompt: Prompt, person: KnownPerson, { slack }: Words): string {
  const who = `<@${person.asker.id}>`;
  const question =
    prompt.text === '' ? slack.askedForDescription(who) : slack.asked(who, escapeEntities(prompt.text));
  const links = prompt.images.flatMap((image) =>
    image.kind === 'link' ? [`<${escapeEntities(image.url)}>`] : [],
  );
  return [question, ...links].join('\n');
}

/** The link leads to something that this person is not shown. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof LinkNotAllowedError ||
    error instanceof ImageUnavailableError ||
    errorCode(error) !== undefined
  );
}
