import { status } from '@grpc/grpc-js';

import {
  type FailureReason,
  type GenerateRequest,
  type ModelClient,
  type ModelInfo,
  ModelServerError,
  type ReplyEvent,
} from '#libs/client';

import { ChatService } from '../../apps/bot/src/answering/chat-service.js';
import { ModelReplies } from '../../apps/bot/src/answering/model-replies.js';
import { PromptBuilder } from '../../apps/bot/src/answering/prompt-builder.js';
import { RateLimits } from '../../apps/bot/src/answering/rate-limits.js';
import { RunningAnswers } from '../../apps/bot/src/answering/running-answers.js';
import { Settings } from '../../apps/bot/src/config/settings.js';
import type {
  ChatMessage,
  EditSink,
  ImageReference,
  Question,
  ReplyView,
} from '../../apps/bot/src/contract/index.js';
import { ImageLoader } from '../../apps/bot/src/images/load-images.js';
import { Metrics } from '../../apps/bot/src/metrics/metrics.js';

export const never = new AbortController().signal;
export const png = Buffer.from('\x89PNG\r\n\x1a\n picture', 'latin1');

const nano: ModelInfo = {
  name: 'nano',
  description: 'Knows emoji.',
  template: 'vicuna-v0',
  contextLength: 2_048,
  tokensPerImage: 16,
  maxImages: 8,
  distinctImages: 8,
  maxImageBytes: 1_000_000,
  device: 'cpu',
  quantization: 'fp32',
  defaultSampling: { temperature: 0 },
  defaultMaxNewTokens: 200,
  reproducible: true,
};

export const finished = (more: Partial<Extract<ReplyEvent, { kind: 'finish' }>> = {}): ReplyEvent => ({
  kind: 'finish',
  reason: 'stop',
  usage: { promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, images: 0, cachedImages: 0 },
  timings: { queueSeconds: 0, imageSeconds: 0, prefillSeconds: 0, decodeSeconds: 0, firstTokenSeconds: 0 },
  imageDigests: [],
  notices: [],
  places: [],
  ...more,
});
export const said = (text: string): ReplyEvent => ({ kind: 'delta', text, tokenIds: [], scores: [] });

/** A model server that answers as the test says, word by word. */
class ScriptedModel implements ModelClient {
  readonly requests: GenerateRequest[] = [];
  info = nano;
  events: (ReplyEvent | Error)[] = [said('It is '), said('a cat.'), finished()];
  /** What the model waits for before each event. */
  gate: () => Promise<void> = async () => {};

  async *generate(request: GenerateRequest, { signal }: { signal?: AbortSignal } = {}) {
    this.requests.push(request);
    await this.receive(request);
    for (const event of this.events) {
      await this.gate();
      signal?.throwIfAborted();
      if (event instanceof Error) throw event;
      yield event;
    }
  }
  /** What happens to a request before its reply begins. */
  receive: (request: GenerateRequest) => Promise<void> = async () => {};
  getModel = async () => this.info;
  countTokens = async (segments: GenerateRequest['segments']) => ({
    tokens: segments.reduce(
      (sum, segment) => sum + (segment.kind === 'text' ? segment.text.length : this.info.tokensPerImage),
      0,
    ),
    segmentTokens: [],
  });
  generateOnce = () => Promise.reject(new Error('The bot streams.'));
  encodeImage: ModelClient['encodeImage'] = () => Promise.reject(new Error('Not asked for here.'));
  waitUntilReady = async () => {};
  close = () => {};

  /** The words of the last request's prompt, with images as their place. */
  get prompt(): string {
    const segments = this.requests.at(-1)?.segments ?? [];
    return segments.map((segment) => (segment.kind === 'text' ? segment.text : '(image)')).join('');
  }
}

export class Channel implements EditSink {
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

export const image = (name: string, more: Partial<ImageReference> = {}): ImageReference => ({
  name,
  origin: 'attachment',
  contentType: 'image/png',
  load: async () => png,
  ...more,
});

export const from = (kind: 'user' | 'bot', text: string, ...images: ImageReference[]): ChatMessage => ({
  id: text,
  author: kind === 'user' ? { kind, id: 'ada' } : { kind },
  text,
  images,
  warnings: [],
});

export const question = (messages: ChatMessage[], more: Partial<Question> = {}): Question => ({
  platform: 'discord',
  id: 'question',
  conversation: 'thread',
  asker: { id: 'ada', roles: [], moderator: false },
  place: { channel: 'cats', direct: false },
  locale: 'en',
  wish: { kind: 'chat' },
  readMessages: async () => messages,
  ...more,
});

export const failure = (reason: FailureReason, retryAfterSeconds?: number) =>
  new ModelServerError('Refused.', reason, status.UNKNOWN, [], retryAfterSeconds, {});

/** The core of the bot around a model that answers as the test says. */
export class ScriptedChat {
  readonly model = new ScriptedModel();
  readonly channel = new Channel();
  /** What the operator would read. */
  readonly reported: string[] = [];

  with(config: Parameters<typeof Settings.parse>[1] = {}): ChatService {
    const settings = Settings.parse({}, config).config;
    const images = new ImageLoader();
    const running = new RunningAnswers();
    const log = {
      warn: (line: string) => this.reported.push(line),
      error: (line: string) => this.reported.push(line),
    };
    return new ChatService(
      settings,
      this.model,
      images,
      new ModelReplies(settings, this.model, new PromptBuilder(settings, this.model, images)),
      running,
      new RateLimits(settings),
      new Metrics(() => running.count),
      log,
    );
  }
}
