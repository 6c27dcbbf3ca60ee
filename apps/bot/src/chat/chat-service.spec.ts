import { status } from '@grpc/grpc-js';

import {
  type FailureReason,
  type GenerateRequest,
  type ModelClient,
  type ModelInfo,
  ModelServerError,
  type ReplyEvent,
} from '#libs/client';

import { Settings } from '../config/settings.js';
import { ImageLoader } from '../images/load-images.js';
import { ChatService } from './chat-service.js';
import type { ChatMessage, ImageReference } from './message.js';
import { Metrics } from './metrics.js';
import { PromptBuilder } from './prompt-builder.js';
import type { Question } from './question.js';
import { RateLimits } from './rate-limits.js';
import type { EditSink, ReplyView } from './reply-sink.js';
import { RunningAnswers } from './running-answers.js';
import { ImageUnavailableError } from './warning.js';

const never = new AbortController().signal;
const png = Buffer.from('\x89PNG\r\n\x1a\n picture', 'latin1');

const nano: ModelInfo = {
  name: 'nano',
  description: 'Knows emoji.',
  template: 'vicuna-v0',
  contextLength: 2_048,
  tokensPerImage: 16,
  maxImages: 8,
  maxImageBytes: 1_000_000,
  device: 'cpu',
  quantization: 'fp32',
  defaultSampling: { temperature: 0 },
  defaultMaxNewTokens: 200,
};

const finished = (more: Partial<Extract<ReplyEvent, { kind: 'finish' }>> = {}): ReplyEvent => ({
  kind: 'finish',
  reason: 'stop',
  usage: { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, images: 0, cachedImages: 0 },
  timings: { queueSeconds: 0, imageSeconds: 0, prefillSeconds: 0, decodeSeconds: 0, firstTokenSeconds: 0 },
  imageDigests: [],
  notices: [],
  ...more,
});
const said = (text: string): ReplyEvent => ({ kind: 'delta', text, tokenIds: [] });

/** A model server that answers as the test says, word by word. */
class ScriptedModel implements ModelClient {
  readonly requests: GenerateRequest[] = [];
  events: (ReplyEvent | Error)[] = [said('It is '), said('a cat.'), finished()];
  /** What the model waits for before each event. */
  gate: () => Promise<void> = async () => {};

  async *generate(request: GenerateRequest, { signal }: { signal?: AbortSignal } = {}) {
    this.requests.push(request);
    for (const event of this.events) {
      await this.gate();
      signal?.throwIfAborted();
      if (event instanceof Error) throw event;
      yield event;
    }
  }
  getModel = async () => nano;
  countTokens = async (segments: GenerateRequest['segments']) => ({
    tokens: segments.reduce((sum, segment) => sum + (segment.kind === 'text' ? segment.text.length : 16), 0),
    segmentTokens: [],
  });
  generateOnce = () => Promise.reject(new Error('The bot streams.'));
  encodeImage = () => Promise.reject(new Error('Not asked for here.'));
  waitUntilReady = async () => {};
  close = () => {};

  /** The words of the last request's prompt, with images as their place. */
  get prompt(): string {
    const segments = this.requests.at(-1)?.segments ?? [];
    return segments.map((segment) => (segment.kind === 'text' ? segment.text : '(image)')).join('');
  }
}

class Channel implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = 2_000;
  readonly seen: ReplyView[] = [];
  readonly messages: ReplyView[] = [];
  interval = () => 0;

  async show(index: number, view: ReplyView): Promise<void> {
    this.seen.push(view);
    this.messages[index] = view;
  }

  get last(): ReplyView | undefined {
    return this.messages.at(-1);
  }
}

const image = (name: string, more: Partial<ImageReference> = {}): ImageReference => ({
  name,
  origin: 'attachment',
  contentType: 'image/png',
  load: async () => png,
  ...more,
});

const from = (kind: 'user' | 'bot', text: string, ...images: ImageReference[]): ChatMessage => ({
  id: text,
  author: kind === 'user' ? { kind, id: 'ada' } : { kind },
  text,
  images,
  warnings: [],
});

const question = (messages: ChatMessage[], more: Partial<Question> = {}): Question => ({
  platform: 'discord',
  id: 'question',
  conversation: 'thread',
  asker: { id: 'ada', roles: [], moderator: false },
  place: { channel: 'cats', direct: false },
  locale: 'en',
  wish: { kind: 'chat' },
  messages,
  ...more,
});

const failure = (reason: FailureReason, retryAfterSeconds?: number) =>
  new ModelServerError('Refused.', reason, status.UNKNOWN, [], retryAfterSeconds, {});

describe('the chat', () => {
  let model: ScriptedModel;
  let channel: Channel;
  let reported: string[];

  beforeEach(() => {
    model = new ScriptedModel();
    channel = new Channel();
    reported = [];
  });

  function chat(config: Parameters<typeof Settings.of>[1] = {}): ChatService {
    const settings = Settings.of({}, config);
    const images = new ImageLoader();
    const running = new RunningAnswers();
    const log = { warn: (line: string) => reported.push(line), error: (line: string) => reported.push(line) };
    return new ChatService(
      settings,
      model,
      images,
      new PromptBuilder(settings, model, images),
      running,
      new RateLimits(settings),
      new Metrics(() => running.count),
      log,
    );
  }

  it('answers a question about a picture', async () => {
    const outcome = await chat().answer(
      question([from('user', 'What is this?', image('cat.png'))]),
      channel,
      never,
    );
    expect(outcome).toEqual({ kind: 'answered', text: 'It is a cat.' });
    expect(model.prompt).toContain('<Img>(image)</Img> What is this?###Assistant: ');
    expect(channel.seen[0]).toMatchObject({ state: 'thinking', status: 'Looking…', actions: ['stop'] });
    expect(channel.last).toMatchObject({
      state: 'done',
      text: 'It is a cat.',
      notes: [],
      actions: ['regenerate', 'feedback-up', 'feedback-down'],
    });
  });

  it('rebuilds the conversation, without the bot’s notices and with messages in a row merged', async () => {
    const notice = { ...from('bot', 'The model is busy.'), notice: true };
    const messages = [
      from('user', 'Look.', image('cat.png')),
      from('user', 'What is this?'),
      notice,
      from('bot', 'It is a cat.'),
      from('user', 'What colour?'),
    ];
    await chat().answer(question(messages), channel, never);
    expect(model.prompt).toContain(
      'Human: <Img>(image)</Img> Look. What is this?###Assistant: It is a cat.###Human: What colour?###Assistant: ',
    );
  });

  it('marks an answer that broke off', async () => {
    const half = { ...from('bot', 'It is a'), unfinished: true };
    await chat().answer(
      question([from('user', 'What is this?'), half, from('user', 'Go on.')]),
      channel,
      never,
    );
    expect(model.prompt).toContain('Assistant: It is a...###Human: Go on.###');
  });

  it('asks for a description when a picture comes without words', async () => {
    await chat().answer(question([from('user', '', image('cat.png'))]), channel, never);
    expect(model.prompt).toContain('Describe this image in detail.');
  });

  it('looks at the latest image of the channel only when the conversation has none', async () => {
    const latestImage = async () => image('latest.png');
    await chat().answer(question([from('user', 'What is this?')], { latestImage }), channel, never);
    expect(model.prompt.match(/\(image\)/g)).toHaveLength(1);
    await chat().answer(question([from('user', 'This?', image('own.png'))], { latestImage }), channel, never);
    expect(model.prompt.match(/\(image\)/g)).toHaveLength(1);
  });

  it('says beside the answer which pictures it could not use, and why', async () => {
    const gone = image('gone.png', {
      load: () => Promise.reject(new ImageUnavailableError('gone', 'Deleted.')),
    });
    const text = image('text.png', { load: async () => Buffer.from('just text') });
    const messages = [from('user', 'What is this?', gone, text, image('cat.png'))];
    await chat().answer(question(messages), channel, never);
    expect(channel.last?.text).toBe('It is a cat.');
    expect(channel.last?.notes).toEqual([
      'gone.png: it is not there any more.',
      'text.png: this is not a picture.',
    ]);
  });

  it('fetches a picture once, and then only names it', async () => {
    let fetched = 0;
    const cat = image('cat.png', { key: 'discord:1', load: async () => (fetched++, png) });
    const bot = chat();
    await bot.answer(question([from('user', 'What is this?', cat)]), channel, never);
    await bot.answer(question([from('user', 'And now?', cat)]), channel, never);
    expect(fetched).toBe(1);
  });

  it('says when the beginning of a conversation no longer fits', async () => {
    const messages = Array.from({ length: 8 }, (_, turn) =>
      from(turn % 2 === 0 ? 'user' : 'bot', `${turn} ${'word '.repeat(100)}`),
    );
    await chat().answer(question([...messages, from('user', 'And?')]), channel, never);
    expect(channel.last?.notes).toEqual([
      'The beginning of this conversation no longer fits and was left out.',
    ]);
  });

  it.each<[FailureReason, number | undefined, string]>([
    ['UNAVAILABLE', undefined, 'The model is not running right now. Please try again in a minute.'],
    ['DRAINING', undefined, 'The model is not running right now. Please try again in a minute.'],
    ['QUEUE_FULL', 6.2, 'The model is busy. Please try again in 7 s.'],
    ['DEADLINE_EXCEEDED', undefined, 'The model took too long. Please try again.'],
    ['PROMPT_TOO_LONG', undefined, 'That is too long for me. Please ask in fewer words.'],
    ['INTERNAL', undefined, 'The answer broke off. Please try again.'],
  ])(
    'tells of a failure in plain words, and the next try works: %s',
    async (reason, retryAfter, sentence) => {
      const bot = chat();
      const script = model.events;
      model.events = [failure(reason, retryAfter)];
      await expect(bot.answer(question([from('user', 'Hello!')]), channel, never)).resolves.toEqual({
        kind: 'failed',
      });
      expect(channel.last).toMatchObject({ state: 'failed', status: sentence, actions: ['regenerate'] });
      expect(reported).toHaveLength(1);
      model.events = script;
      await expect(bot.answer(question([from('user', 'Hello!')]), channel, never)).resolves.toMatchObject({
        kind: 'answered',
      });
    },
  );

  it('keeps half an answer that broke off, and marks it', async () => {
    model.events = [said('It is'), failure('UNAVAILABLE')];
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.last).toMatchObject({
      state: 'failed',
      text: 'It is',
      status: 'The answer broke off. Please try again.',
    });
  });

  it('says how many questions are ahead', async () => {
    model.events = [{ kind: 'queued', position: 3 }, said('A cat.'), finished()];
    model.gate = () => new Promise((resolve) => setTimeout(resolve, 2));
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.seen.map(({ status }) => status)).toContain('3 questions are ahead of yours.');
  });

  it('is stopped by the asker and by moderators, and by nobody else', async () => {
    const bot = chat();
    let proceed = () => {};
    model.gate = () =>
      new Promise((resolve) => {
        proceed = resolve;
      });
    const answering = bot.answer(question([from('user', 'Hello!')]), channel, never);
    while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    proceed();
    while (!channel.last?.text) await new Promise((resolve) => setImmediate(resolve));

    expect(bot.stop('question', { id: 'eve', roles: [], moderator: false })).toBe('not-allowed');
    expect(bot.stop('another question', { id: 'ada', roles: [], moderator: false })).toBe('not-running');
    expect(bot.stop('question', { id: 'mod', roles: [], moderator: true })).toBe('stopped');
    proceed();
    await expect(answering).resolves.toEqual({ kind: 'stopped', text: 'It is ' });
    expect(channel.last).toMatchObject({ state: 'stopped', status: 'Stopped.', actions: ['regenerate'] });
    expect(bot.isRunning('question')).toBe(false);
  });

  it('samples afresh when asked again', async () => {
    await chat().answer(question([from('user', 'Hello!')], { again: true }), channel, never);
    expect(model.requests[0]?.sampling?.temperature).toBeGreaterThan(0);
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(model.requests[1]?.sampling).toBeUndefined();
  });

  it('writes alt text that fits where it will be pasted', async () => {
    model.events = [said(`${'A very long sentence about a cat. '.repeat(20)}`), finished()];
    const wish = { kind: 'alt-text', maxLength: 200 } as const;
    await chat().answer(question([from('user', '', image('cat.png'))], { wish }), channel, never);
    expect(model.prompt).toContain('Write alt text for this image.');
    expect(channel.last?.text).toMatch(/^A very long sentence about a cat\..*\.$/);
    expect(channel.last?.text.length).toBeLessThanOrEqual(200);
  });

  it.each([
    ['nothing', { wish: { kind: 'chat' } }, 'Send me a picture, or ask me something.'],
    [
      'alt text of nothing',
      { wish: { kind: 'alt-text', maxLength: 100 } },
      'I found no picture here. Please attach one.',
    ],
  ] as const)('asks for what is missing when asked %s', async (_what, more, sentence) => {
    await chat().answer(question([from('user', '')], more), channel, never);
    expect(channel.last).toMatchObject({ state: 'failed', status: sentence });
    expect(model.requests).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('refuses those who may not ask, and those who ask too much, without asking the model', async () => {
    const denied = chat({ permissions: { users: { deny: ['ada'] } } });
    await expect(denied.answer(question([from('user', 'Hello!')]), channel, never)).resolves.toEqual({
      kind: 'refused',
    });
    expect(channel.last).toMatchObject({ state: 'refused', status: 'I am not set up to answer you here.' });

    const limited = chat({ limits: { perUser: { questions: 1, seconds: 20 } } });
    await limited.answer(question([from('user', 'Hello!')]), new Channel(), never);
    await limited.answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.last?.status).toMatch(/Please ask again in \d+ s\.$/);
    expect(model.requests).toHaveLength(1);
  });

  it('speaks the asker’s language, or the one the operator chose', async () => {
    model.events = [failure('UNAVAILABLE')];
    await chat().answer(question([from('user', 'Hallo!')], { locale: 'de-DE' }), channel, never);
    expect(channel.last?.status).toMatch(/^Das Modell läuft gerade nicht/);
    await chat({ language: 'zh' }).answer(
      question([from('user', 'Hallo!')], { locale: 'de-DE' }),
      channel,
      never,
    );
    expect(channel.last?.status).toMatch(/^模型现在没有运行/);
  });

  it('says how long it took when the operator wants that', async () => {
    await chat({ answers: { showDuration: true } }).answer(
      question([from('user', 'Hello!')]),
      channel,
      never,
    );
    expect(channel.last?.notes.at(-1)).toMatch(/^\d+\.\d s$/);
  });

  it('says that an answer reached its longest length', async () => {
    model.events = [said('It is'), finished({ reason: 'length' })];
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.last?.notes).toEqual(['The answer reached its longest length.']);
  });
});
