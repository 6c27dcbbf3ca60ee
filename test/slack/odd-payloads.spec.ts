import type { LoggerService } from '@nestjs/common';
import fc from 'fast-check';

import { eventually } from '../support/eventually.js';
import { isFinished, type Story, startStory } from './story.js';

/** What the operator reads. */
class Lines implements LoggerService {
  readonly all: string[] = [];
  log = (message: unknown) => this.all.push(String(message));
  warn = this.log;
  error = this.log;
}

/** A message with everything that a message of another program can hold. */
const foreign = (user: string) => ({
  type: 'message',
  subtype: 'bot_message',
  user,
  bot_id: 'B0OTHER',
  text: 'SECRET words',
  thread_ts: '1.0',
  parent_user_id: user,
  files: [
    {
      id: 'F0OTHER',
      name: 'notes.txt',
      mimetype: 'text/plain',
      size: 7,
      mode: 'hosted',
      url_private: 'https://a.example',
    },
  ],
  attachments: [
    {
      image_url: 'https://a.example/page',
      thumb_url: 'https://a.example/thumb',
      from_url: 'https://a.example',
      is_msg_unfurl: true,
      author_name: 'SECRET author',
      fields: [{ title: 'SECRET title', value: 'SECRET value' }],
      fallback: 'SECRET fallback',
      files: [],
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'SECRET' } }],
      message_blocks: [{ message: { blocks: [{ type: 'rich_text', elements: [] }] } }],
    },
  ],
  blocks: [
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'SECRET' }] }],
    },
    { type: 'context', elements: [{ type: 'mrkdwn', text: 'SECRET' }] },
    { type: 'table', rows: [[{ type: 'raw_text', text: 'SECRET' }]] },
  ],
  metadata: {
    event_type: 'minigpt4_chat_reply',
    event_payload: { state: 'running', question: 'x', asker: 'y' },
  },
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** The value with what stands at a path replaced; `missing` takes it away. */
function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const entries = Object.entries(value as object).flatMap(([name, inner]) => {
    if (name !== String(key)) return [[name, inner]];
    return rest.length === 0 && by === missing ? [] : [[name, replaced(inner, rest, by)]];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

const missing = Symbol('missing');
const odd = fc.constantFrom<unknown>(null, missing, 7, 'x', true, [], {}, [null], [[]], { type: null });
/** A field, by a number that is taken modulo the number of fields, and what stands there instead. */
const oddities = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 });

function withOddities(payload: unknown, changes: readonly (readonly [number, unknown])[]): unknown {
  return changes.reduce((changed: unknown, [index, by]) => {
    const paths = pathsOf(changed).slice(1);
    return paths.length === 0 ? changed : replaced(changed, paths[index % paths.length] ?? [], by);
  }, payload);
}

const runs = { numRuns: 5 };

describe('payloads with fields that are null, missing or of another type', () => {
  let story: Story;
  const logger = new Lines();
  beforeAll(async () => {
    story = await startStory({ logger });
  });
  afterAll(() => story.close());

  /** Asks in a thread or channel, and has the question answered. */
  async function isAnswered(ask: (name: string) => Promise<unknown>): Promise<void> {
    const { workspace, engine, slack } = story;
    slack.rates.passMinute();
    const asked = engine.requests.length;
    await ask('ask');
    await eventually(() => engine.requests.length > asked);
    engine.say('Yes.');
    engine.end();
    await workspace.until('the answer', () =>
      [...slack.store.conversations.values()]
        .flatMap((conversation) => workspace.replies(conversation))
        .findLast((line) => line.text.includes('Yes.') && (isFinished(line) || line.onlyFor)),
    );
    for (const message of slack.store.messages.splice(0)) expect(message.text).not.toContain('went wrong');
  }

  it('of one message take nothing from its thread', async () => {
    const { workspace, ada } = story;
    await fc.assert(
      fc.asyncProperty(oddities, async (changes) => {
        const channel = workspace.channel('thread', [ada]);
        const root = await ada.post(channel, { text: 'Look.' });
        await ada.post(channel, {
          thread: root,
          disguise: (payload) => withOddities({ ...payload, ...foreign(ada.id), ts: payload.ts }, changes),
        });
        await isAnswered(() => ada.mention(channel, { text: 'What is this?', thread: root }));
      }),
      runs,
    );
  });

  it('of one message take no picture of the channel from /describe', async () => {
    const { workspace, ada, slack } = story;
    await fc.assert(
      fc.asyncProperty(oddities, async (changes) => {
        const channel = workspace.channel('history', [ada]);
        const image_url = slack.publicFile({ name: 'a.png', bytes: onePixel });
        await ada.post(channel, { attachments: [{ image_url }] });
        const { files: _, attachments: __, ...plain } = foreign(ada.id);
        await ada.post(channel, {
          disguise: (payload) => withOddities({ ...payload, ...plain, ts: payload.ts, files: [] }, changes),
        });
        await isAnswered(() => ada.slash(channel, '/describe'));
      }),
      runs,
    );
  });

  it('of one file, block or attachment leave the pictures beside it, in the menu and in questions', async () => {
    const { workspace, ada, slack } = story;
    await fc.assert(
      fc.asyncProperty(oddities, fc.boolean(), async (changes, inMenu) => {
        const channel = workspace.channel('beside', [ada]);
        const image_url = slack.publicFile({ name: 'a.png', bytes: onePixel });
        const { files, attachments, blocks } = foreign(ada.id);
        const shown = await ada.post(channel, {
          text: 'Look.',
          disguise: (payload) => ({
            ...payload,
            files: withOddities(files, changes),
            blocks: withOddities(blocks, changes),
            attachments: [{ image_url }, ...attachments.map((other) => withOddities(other, changes))],
          }),
        });
        await isAnswered(() =>
          inMenu
            ? ada.shortcut(shown, 'Describe this image')
            : ada.mention(channel, { text: 'What is this?', thread: shown }),
        );
        expect(story.engine.requests.at(-1)?.segments.some(({ kind }) => kind === 'image')).toBe(true);
      }),
      runs,
    );
  });

  it('of whole events and interactions leave all others to be answered', async () => {
    const { workspace, ada, slack } = story;
    const press = (channel: string) => ({
      type: 'block_actions',
      user: { id: ada.id },
      channel: { id: channel },
      message: foreign(ada.id),
      response_url: `${slack.url}/response/none`,
      actions: [{ type: 'button', action_id: 'stop', block_id: 'b', value: '{"question":"x","asker":"y"}' }],
    });
    await fc.assert(
      fc.asyncProperty(oddities, fc.nat(3), async (changes, kind) => {
        const channel = workspace.channel('events', [ada]);
        const event = { ...foreign(ada.id), ts: '1.0', channel: channel.id, bot_id: 'B0OTHER' };
        const changed = { type: 'message', subtype: 'message_changed', channel: channel.id, message: event };
        if (kind === 0) await slack.events.sendRaw(withOddities(event, changes));
        if (kind === 1) await slack.events.sendRaw(withOddities(changed, changes));
        if (kind === 2) await slack.sockets.push('interactive', withOddities(press(channel.id), changes));
        if (kind === 3) await slack.sockets.push('events_api', withOddities({ event }, changes));
        await isAnswered(() => ada.mention(channel, { text: 'What is this?' }));
      }),
      runs,
    );
  });

  /** What Slack delivers when somebody types, chooses, presses or sends a form. */
  const commandBody = (channel: string) => ({
    command: '/describe',
    text: 'https://a.example/a.png What is this?',
    channel_id: channel,
    user_id: story.ada.id,
    response_url: `${story.slack.url}/response/none`,
    trigger_id: 'none',
  });
  const shortcutBody = (channel: string) => ({
    type: 'message_action',
    callback_id: 'describe_image',
    user: { id: story.ada.id },
    channel: { id: channel },
    message: { ...foreign(story.ada.id), ts: '1.0' },
    response_url: `${story.slack.url}/response/none`,
  });
  const modalBody = (channel: string) => ({
    type: 'view_submission',
    user: { id: story.ada.id },
    view: {
      callback_id: 'describe',
      private_metadata: JSON.stringify({
        channel,
        responseUrl: `${story.slack.url}/response/none`,
        wish: 'chat',
      }),
      state: {
        values: {
          pictures: { input: { files: [{ id: 'F0NONE', name: 'a.png' }] } },
          question: { input: { value: 'What?' } },
        },
      },
    },
  });
  it.each([
    ['a slash command', 'slash_commands', commandBody],
    ['a shortcut', 'interactive', shortcutBody],
    ['a modal', 'interactive', modalBody],
  ] as const)('of %s leave all others to be answered', async (_what, kind, body) => {
    const { workspace, ada, slack } = story;
    const several = fc.array(oddities, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(several, async (oddBodies) => {
        const channel = workspace.channel('interactions', [ada]);
        for (const changes of oddBodies) {
          await slack.sockets.push(kind, withOddities(body('C0NOWHERE'), changes));
        }
        await isAnswered(() => ada.mention(channel, { text: 'Are you there?' }));
        expect(slack.sockets.connections).toBe(1);
      }),
      { numRuns: 3 },
    );
  });

  it('of a modal are said in it, which stays open with what was filled in', async () => {
    const { workspace, ada, slack } = story;
    const channel = workspace.channel('a form', [ada]);
    await ada.slash(channel, '/describe');
    const modal = await workspace.until('the modal', () => ada.modal);
    Object.assign(modal, { privateMetadata: 'null' });
    const errors = await ada.submitModal({ text: 'What?', files: [] });
    expect(errors).toEqual({ pictures: expect.stringContaining('went wrong') });
    expect(ada.modal).toBeDefined();
    slack.store.messages.splice(0);
  });

  it('of a shortcut are told to whoever chose it', async () => {
    const { workspace, ada } = story;
    const channel = workspace.channel('a choice', [ada]);
    const shown = await ada.post(channel, {
      text: 'Look.',
      disguise: (payload) => ({ ...payload, ts: null }),
    });
    await ada.shortcut(shown, 'Describe this image');
    await workspace.until('what went wrong', () =>
      workspace.replies(channel).find((line) => line.onlyFor && line.text.includes('went wrong')),
    );
    story.slack.store.messages.splice(0);
  });

  it('are counted in the metrics', async () => {
    const { workspace, ada, slack, address } = story;
    const counted = async () => {
      const text = await (await fetch(`${address()}/metrics`)).text();
      return Number(/^minigpt4_bot_unreadable_items_total\{platform="slack"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    const channel = workspace.channel('counted', [ada]);
    const event = { ...foreign(ada.id), ts: '1.0', channel: channel.id, files: [{ id: 7 }, { id: null }] };
    await slack.events.sendRaw(event);
    await eventually(async () => (await counted()) === before + 2);
  });

  it('and payloads of nothing at all end neither the connection nor the bot', async () => {
    const { workspace, ada, slack } = story;
    const channel = workspace.channel('nothing', [ada]);
    for (const payload of [
      null,
      7,
      'x',
      [],
      {},
      { event: null },
      { event: { channel: null } },
      { actions: [] },
    ]) {
      await slack.sockets.push('events_api', payload);
      await slack.sockets.push('interactive', payload);
      await slack.sockets.push('slash_commands', payload);
    }
    await isAnswered(() => ada.mention(channel, { text: 'Are you there?' }));
    expect(slack.sockets.connections).toBe(1);
    expect(logger.all.filter((line) => line.includes('cannot be processed')).length).toBeGreaterThan(0);
  });

  it('are told to the operator once for each kind, in a line and without what people wrote', () => {
    const leftOut = logger.all.filter((line) => line.includes('left out ('));
    expect(leftOut.length).toBeGreaterThan(0);
    expect(new Set(leftOut).size).toBe(leftOut.length);
    for (const line of logger.all) {
      expect(line).not.toContain('SECRET');
      expect(line).not.toContain('\n');
    }
  });
});

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
