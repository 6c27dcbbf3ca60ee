import type { FailureReason } from '#libs/client';

import {
  failure,
  from,
  never,
  question,
  ScriptedChat,
  said,
} from '../../../../test/support/scripted-chat.js';

describe('a question that fails', () => {
  let scripted: ScriptedChat;
  let model: ScriptedChat['model'];
  let channel: ScriptedChat['channel'];
  const chat = (config: Parameters<ScriptedChat['with']>[0] = {}) => scripted.with(config);

  beforeEach(() => {
    scripted = new ScriptedChat();
    ({ model, channel } = scripted);
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
      expect(scripted.reported).toHaveLength(1);
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
    expect(scripted.reported).toEqual([]);
  });
});
