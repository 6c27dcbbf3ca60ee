import { jest } from '@jest/globals';
import type { ReplyView } from '../../contract/index.js';
import { english } from '../../words/english.js';
import { PlaceRefusedError } from './api-errors.js';
import { PrivateReply, tellPrivately } from './private-reply.js';

const address = 'https://hooks.slack.com/commands/1';
const view = (content: Partial<ReplyView>): ReplyView => ({
  state: 'done',
  text: '',
  notes: [],
  actions: [],
  ...content,
});

describe('a reply to the asker alone', () => {
  let bodies: Record<string, unknown>[];
  let answers: Response[];
  let addressed: unknown[];

  beforeEach(() => {
    bodies = [];
    answers = [];
    addressed = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, options) => {
      addressed.push([url, options?.method, new Headers(options?.headers).get('content-type')]);
      bodies.push(JSON.parse(String(options?.body)));
      return answers.shift() ?? new Response('ok');
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const reply = (heading?: string) => new PrivateReply(address, english, heading);

  it('shows that the bot is looking, and then the answer in its place', async () => {
    const shown = reply('*Alt text*');
    await shown.show(0, view({ state: 'thinking', status: 'Looking hard' }));
    await shown.show(0, view({ state: 'streaming', text: 'A' }));
    await shown.show(0, view({ text: 'A cat.' }));
    expect(bodies).toMatchObject([
      { response_type: 'ephemeral', replace_original: false, text: 'Looking hard' },
      {
        response_type: 'ephemeral',
        replace_original: true,
        text: 'A cat.',
        blocks: [
          { type: 'context', elements: [{ text: '*Alt text*' }] },
          { type: 'markdown', text: 'A cat.' },
        ],
      },
    ]);
    expect(bodies).toHaveLength(2);
    expect(addressed[0]).toEqual([address, 'POST', 'application/json']);
    expect([shown.interval(), shown.maxLength]).toEqual([1_000, 3_000]);
  });

  it('shows no half answer, but that the bot is looking', async () => {
    await reply().show(0, view({ state: 'streaming', text: 'A' }));
    expect(bodies).toMatchObject([{ text: english.thinking, blocks: [{ type: 'section' }] }]);
  });

  it('puts further messages below the first, without a heading', async () => {
    const shown = reply('*Alt text*');
    await shown.show(0, view({ text: 'One' }));
    await shown.show(1, view({ text: 'Two' }));
    expect(bodies[1]).toMatchObject({ replace_original: false, blocks: [{ type: 'markdown', text: 'Two' }] });
  });

  it('goes elsewhere after five responses', async () => {
    const shown = reply();
    for (let index = 0; index < 5; index++) await shown.show(index, view({ text: 'A' }));
    await expect(shown.show(5, view({ text: 'A' }))).rejects.toMatchObject({ why: 'used_url' });
    expect(bodies).toHaveLength(5);
  });

  it.each(['invalid_blocks', 'text_too_long'])(
    'goes as plain text after %s, which takes a response',
    async (why) => {
      const shown = reply('*Alt text*');
      answers = [new Response(why, { status: 400 })];
      await shown.show(0, view({ text: 'One', status: 'Cut' }));
      expect(bodies).toMatchObject([
        {},
        { text: '*Alt text*\nOne\nCut', blocks: [], replace_original: false },
      ]);
      for (let index = 1; index <= 3; index++) await shown.show(index, view({ text: 'A' }));
      await expect(shown.show(4, view({ text: 'A' }))).rejects.toMatchObject({ why: 'used_url' });
    },
  );

  it('goes elsewhere when the address is used up or fails', async () => {
    answers = [new Response('used_url', { status: 404 })];
    const refusal = reply().show(0, view({ text: 'A' }));
    await expect(refusal).rejects.toBeInstanceOf(PlaceRefusedError);
    await expect(refusal).rejects.toMatchObject({ why: 'response_url: 404 used_url' });
    expect(bodies).toHaveLength(1);
  });

  it('fails as the connection does', async () => {
    const cut = new TypeError('fetch failed: block');
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(cut);
    await expect(reply().show(0, view({ text: 'A' }))).rejects.toBe(cut);
  });

  it('quotes at most 100 characters of a refusal', async () => {
    answers = [new Response('x'.repeat(101), { status: 500 })];
    await expect(tellPrivately(address, 'Hello')).rejects.toMatchObject({
      why: `response_url: 500 ${'x'.repeat(100)}`,
    });
    expect(bodies).toEqual([{ text: 'Hello', response_type: 'ephemeral', replace_original: false }]);
  });
});
