import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

import { type Config, type RunningBot, runInThisProcess } from '../../support/running-bot.js';
import { type Asked, PageClient, type PageEvent, type PageMessage } from '../../web/page-client.js';
import {
  type Answer,
  type Button,
  type ChatPlatform,
  isFinished,
  type Question,
  type Saying,
  type Traits,
} from '../chat-platform.js';
import type { Picture } from '../pictures.js';

/** What the page draws for what it is offered. */
const buttonFor: Readonly<Record<string, Button>> = {
  stop: 'Stop',
  regenerate: 'Try again',
  'feedback-up': 'Good answer',
  'feedback-down': 'Bad answer',
};

/** The web page's side of the conversation, as the page speaks with the bot. */
export class WebChat implements ChatPlatform {
  readonly name = 'web';
  readonly altTextLength = 1_000;
  private readonly languages = new Map<string, string>();

  private constructor(
    private readonly variables: Readonly<Record<string, string>>,
    private config: Config,
    private bot: RunningBot,
  ) {}

  static async open({ modelServer, config = {} }: { modelServer: string; config?: Config | undefined }) {
    const variables = { MODEL_SERVER_ADDRESS: modelServer };
    const whole = withLimits(config);
    return new WebChat(variables, whole, await runInThisProcess(variables, whole, false));
  }

  get page(): PageClient {
    return new PageClient(this.bot.address);
  }

  meet(name: string, { language = 'en-US' }: Traits): void {
    this.languages.set(name, language);
  }

  ask(text: string, { by = 'Ada', pictures = [] }: Saying = {}): Promise<Question> {
    return this.askIn([], text, pictures, by);
  }

  describe(picture: Picture, question = '', { by = 'Ada' }: Saying = {}): Promise<Question> {
    return this.askIn([], question, [picture], by);
  }

  altText(picture: Picture): Promise<Question> {
    return this.askIn([], '', [picture], 'Ada', { wish: 'alt-text' });
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.bot.address}/metrics`)).text();
  }

  async reconfigure(config: Config): Promise<void> {
    this.config = withLimits(config);
    await this.bot.reconfigure(this.config);
  }

  async restart(): Promise<void> {
    await this.bot.end();
    this.bot = await runInThisProcess(this.variables, this.config, false);
  }

  breaches(): string[] {
    return [];
  }

  close(): Promise<void> {
    return this.bot.end();
  }

  /** Asks in a chat that the page has kept. */
  async askIn(
    earlier: readonly PageMessage[],
    text: string,
    pictures: readonly Picture[],
    by: string,
    how: Partial<Asked> = {},
  ): Promise<Question> {
    const refused: string[] = [];
    const images: PageMessage['images'][number][] = [];
    for (const { name, bytes } of pictures) {
      const uploaded = await this.page.upload(bytes, name, this.languages.get(by));
      if (uploaded.refused !== undefined) refused.push(uploaded.refused);
      else images.push({ digest: uploaded.digest, name });
    }
    const messages = [...earlier, { author: 'user' as const, text, images }];
    return this.send(messages, by, refused, how);
  }

  async send(
    messages: readonly PageMessage[],
    by: string,
    refused: readonly string[],
    how: Partial<Asked> = {},
  ): Promise<Question> {
    const closing = new AbortController();
    const locale = this.languages.get(by) ?? 'en-US';
    const response = await this.page.post(messages, { locale, ...how }, closing.signal);
    return new WebQuestion(this, messages, by, refused, response, closing);
  }
}

class WebQuestion implements Question {
  private readonly events: PageEvent[] = [];
  private readonly texts: string[] = [];
  private readonly watchers = new Set<() => void>();
  /** Why nothing more will come. */
  private lost: unknown;

  constructor(
    private readonly chat: WebChat,
    private readonly messages: readonly PageMessage[],
    private readonly by: string,
    private readonly refused: readonly string[],
    response: Response,
    private readonly page: AbortController,
  ) {
    this.read(response).catch((error) => {
      this.lost = error;
      this.look();
    });
  }

  until(what: string, fits: (answer: Answer) => boolean): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const watch = () => {
        const answer = this.now();
        const isOver = this.lost !== undefined || this.events.at(-1)?.event === 'end';
        if (!fits(answer) && !isOver) return;
        this.watchers.delete(watch);
        if (fits(answer)) resolve(answer);
        else
          reject(
            new Error(`Waited in vain until ${what}. The page shows: ${answer.shown}`, { cause: this.lost }),
          );
      };
      this.watchers.add(watch);
      watch();
    });
  }

  answer(): Promise<Answer> {
    return this.until('the question is answered', isFinished);
  }

  async withdraw(): Promise<void> {
    this.page.abort();
  }

  private async read(response: Response): Promise<void> {
    if (!response.body) throw new Error('The bot answers with a stream.');
    for await (const line of createInterface(Readable.fromWeb(response.body))) {
      const event = JSON.parse(line) as PageEvent;
      this.events.push(event);
      if (event.event === 'text') this.texts.push((this.texts.at(-1) ?? '') + event.text);
      this.look();
    }
    if (this.events.at(-1)?.event !== 'end') throw new Error('The bot broke its answer off.');
  }

  private look(): void {
    for (const watch of this.watchers) watch();
  }

  private now(): Answer {
    const last = this.events.at(-1);
    const end = last?.event === 'end' ? last : undefined;
    const status = last && 'status' in last ? last.status : undefined;
    const remarks = [...this.refused, ...(status ? [status] : []), ...(end?.notes ?? [])];
    return new WebAnswer(
      this.chat,
      this,
      this.messages,
      this.by,
      this.texts,
      remarks,
      end?.actions ?? ['stop'],
    );
  }
}

class WebAnswer implements Answer {
  readonly text;
  readonly parts;
  readonly shown;
  readonly versions;
  readonly buttons;
  readonly onlyFor = undefined;
  readonly pinged = [];

  constructor(
    private readonly chat: WebChat,
    private readonly question: WebQuestion,
    private readonly messages: readonly PageMessage[],
    private readonly by: string,
    texts: readonly string[],
    readonly remarks: readonly string[],
    actions: readonly string[],
  ) {
    this.text = texts.at(-1) ?? '';
    this.parts = [this.text];
    this.shown = [this.text, ...remarks].filter((part) => part !== '').join('\n');
    this.versions = [...texts];
    this.buttons = actions.flatMap((action) => buttonFor[action] ?? []);
  }

  async press(button: Button): Promise<void> {
    if (!this.buttons.includes(button)) throw new Error(`The page shows no button "${button}".`);
    if (button === 'Stop') await this.question.withdraw();
    else await this.chat.page.vote(button === 'Good answer' ? 'up' : 'down');
  }

  tryAgain(by = this.by): Promise<Question> {
    return this.chat.send(this.messages, by, [], { again: true });
  }

  followUp(text: string, { by = this.by, pictures = [] }: Saying = {}): Promise<Question> {
    const answer: PageMessage = { author: 'bot', text: this.text, images: [] };
    return this.chat.askIn([...this.messages, answer], text, pictures, by);
  }
}

/** Everybody on loopback is one visitor to the limits. */
function withLimits(config: Config): Config {
  return { ...config, limits: { perUser: { questions: 1_000 }, ...config.limits } };
}
