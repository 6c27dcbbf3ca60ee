import { status } from '@grpc/grpc-js';

import { ModelServerError } from '#libs/client';

import {
  Channel,
  failure,
  finished,
  from,
  image,
  never,
  png,
  question,
  ScriptedChat,
  said,
} from '../../../../test/support/scripted-chat.js';
import type { ImageReference } from '../contract/message.js';
import { ImageUnavailableError } from '../contract/warning.js';

describe('the chat', () => {
  let scripted: ScriptedChat;
  let model: ScriptedChat['model'];
  let channel: ScriptedChat['channel'];
  const chat = (config: Parameters<ScriptedChat['with']>[0] = {}) => scripted.with(config);

  beforeEach(() => {
    scripted = new ScriptedChat();
    ({ model, channel } = scripted);
  });

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
    const ada = { id: 'ada', roles: [], moderator: false };
    const eve = { ...ada, id: 'eve' };
    const mod = { ...ada, id: 'mod', moderator: true };
    const answering = bot.answer(question([from('user', 'Hello!')]), channel, never);
    while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    proceed();
    while (!channel.last?.text) await new Promise((resolve) => setImmediate(resolve));

    await expect(bot.stop('question', eve, 'ada')).resolves.toBe('not-allowed');
    await expect(bot.stop('another question', ada, 'ada')).resolves.toBe('not-running');
    await expect(bot.stop('question', mod, 'ada')).resolves.toBe('stopped');
    proceed();
    await expect(answering).resolves.toEqual({ kind: 'stopped', text: 'It is ' });
    expect(channel.last).toMatchObject({ state: 'stopped', status: 'Stopped.', actions: ['regenerate'] });
    await expect(bot.isRunning('question')).resolves.toBe(false);
  });

  it('writes alt text that fits where it will be pasted', async () => {
    model.events = [said(`${'A very long sentence about a cat. '.repeat(20)}`), finished()];
    const wish = { kind: 'alt-text', maxLength: 200 } as const;
    await chat().answer(question([from('user', '', image('cat.png'))], { wish }), channel, never);
    expect(model.prompt).toContain('Write alt text for this image.');
    expect(channel.last?.text).toMatch(/^A very long sentence about a cat\..*\.$/);
    expect(channel.last?.text.length).toBeLessThanOrEqual(200);
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

  it('gives a model server up that hangs, in a sentence', async () => {
    model.gate = () => new Promise(() => {});
    const impatient = chat({ answers: { patienceSeconds: 0.01 } });
    await impatient.answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.last).toMatchObject({
      state: 'failed',
      status: 'The model took too long. Please try again.',
      actions: ['regenerate'],
    });
  });

  it('says that an answer reached its longest length', async () => {
    model.events = [said('It is'), finished({ reason: 'length' })];
    await chat().answer(question([from('user', 'Hello!')]), channel, never);
    expect(channel.last?.notes).toEqual(['The answer reached its longest length.']);
  });

  it('reads the conversation when it is the question’s turn, so that the answer before is whole', async () => {
    const bot = chat();
    const first = bot.answer(question([from('user', 'What is this?')], { id: 'first' }), channel, never);
    const readMessages = async () => [
      from('user', 'What is this?'),
      from('bot', channel.last?.text ?? ''),
      from('user', 'What colour?'),
    ];
    await bot.answer(question([], { id: 'second', readMessages }), new Channel(), never);
    await first;
    expect(model.prompt).toContain('###Assistant: It is a cat.###Human: What colour?###');
  });
});

describe('a picture that is sent ahead of its question', () => {
  let scripted: ScriptedChat;
  let looked: number;

  beforeEach(() => {
    scripted = new ScriptedChat();
    looked = 0;
    scripted.model.encodeImage = () => {
      looked++;
      return Promise.reject(failure('UNAVAILABLE'));
    };
  });

  const text = image('text.png', { load: async () => Buffer.from('just text') });
  const gone = image('gone.png', {
    load: () => Promise.reject(new ImageUnavailableError('gone', 'Deleted.')),
  });
  const prepare = (
    picture: ImageReference,
    locale = 'en',
    config: Parameters<ScriptedChat['with']>[0] = {},
  ) => scripted.with(config).prepareImage(picture, question([], { locale }), never);

  it('is neither fetched nor looked at for people who may not ask', async () => {
    let fetched = false;
    const picture = image('cat.png', {
      load: async () => {
        fetched = true;
        return png;
      },
    });
    const denied = { permissions: { users: { deny: ['ada'] } } };
    await expect(prepare(picture, 'en', denied)).resolves.toEqual({
      kind: 'refused',
      reason: 'I am not set up to answer you here.',
    });
    expect([fetched, looked]).toEqual([false, 0]);
  });

  it.each([
    ['no picture', text, 'en', 'text.png: this is not a picture.'],
    ['gone', gone, 'en', 'gone.png: it is not there any more.'],
  ])('is refused in a sentence when it is %s', async (_what, picture, locale, reason) => {
    await expect(prepare(picture, locale)).resolves.toEqual({ kind: 'refused', reason });
    expect(looked).toBe(0);
  });

  it('is refused in the asker’s language when the model server cannot read it', async () => {
    const fault = { code: 'unsupported-format', format: 'heic' } as const;
    scripted.model.encodeImage = () =>
      Promise.reject(
        new ModelServerError(
          'In English.',
          'INVALID_IMAGE',
          status.INVALID_ARGUMENT,
          [],
          undefined,
          {},
          fault,
        ),
      );
    await expect(prepare(image('cut.heic'), 'de')).resolves.toEqual({
      kind: 'refused',
      reason: 'cut.heic: HEIC-Dateien kann ich nicht lesen. PNG, JPEG, WebP, GIF, AVIF und TIFF gehen.',
    });
  });

  it('is taken while the model server is away: whoever asks about it will be told', async () => {
    await expect(prepare(image('cat.png'))).resolves.toEqual({ kind: 'accepted' });
    expect(looked).toBe(1);
  });
});

describe('an answer that the platform does not take', () => {
  it('is a failure that the operator reads of, and the next is shown', async () => {
    const scripted = new ScriptedChat();
    const bot = scripted.with();
    const broken = new Channel();
    broken.show = () => Promise.reject(new Error('Refused by the platform.'));
    await expect(bot.answer(question([from('user', 'Hello!')]), broken, never)).resolves.toEqual({
      kind: 'failed',
    });
    expect(scripted.reported).toEqual(['The answer to discord question could not be shown.']);
    await bot.answer(question([from('user', 'Hello!')]), scripted.channel, never);
    expect(scripted.channel.last?.state).toBe('done');
  });
});

describe('the speed of an answer', () => {
  it.each([
    [11, 2, 5],
    // The first token comes with the prompt.
    [1, 2, undefined],
    [11, 0, undefined],
  ])(
    'of %d tokens, decoded in %d s, is %p tokens a second',
    async (completionTokens, decodeSeconds, speed) => {
      const scripted = new ScriptedChat();
      const end = finished();
      if (end.kind !== 'finish') throw new Error('It is the end of a reply.');
      const usage = { ...end.usage, completionTokens };
      const timings = { ...end.timings, decodeSeconds };
      scripted.model.events = [said('A cat.'), finished({ usage, timings })];
      await scripted.with().answer(question([from('user', 'Hello!')]), scripted.channel, never);
      expect(scripted.channel.last).toMatchObject({ measured: { tokensPerSecond: speed } });
    },
  );
});
