import { Client, ComponentType, type Message, MessageType, Message as RealMessage } from 'discord.js';

import { payloadShapes } from '../connection/payload-shapes.js';
import { isUnreadable, mentionsOfBot, toChatMessages } from './chat-messages.js';

const images = {
  find: (_message: Message, origin = 'attachment') => [{ name: 'cat.png', origin }],
} as never;
const noImages = { find: () => [] } as never;
const emoji = { find: () => [{ name: ':bat:' }] } as never;

const said = (content: object = {}) =>
  ({
    id: '100',
    author: { id: '7' },
    client: { user: { id: '1' } },
    guild: { members: { me: { roles: { botRole: { id: '9' } } } }, preferredLocale: 'en-US' },
    type: MessageType.Default,
    content: '',
    attachments: new Map(),
    embeds: [],
    components: [],
    stickers: new Map(),
    messageSnapshots: new Map(),
    mentions: { users: new Map(), channels: new Map(), roles: new Map(), members: new Map() },
    interactionMetadata: null,
    ...content,
  }) as unknown as Message;

describe('a message that holds nothing', () => {
  const something = new Map([
    ['a', { content: '', attachments: new Map(), embeds: [], components: [], stickers: new Map() }],
  ]);
  it.each<[string, object, boolean]>([
    ['at all', {}, true],
    ['but words', { content: 'a' }, false],
    ['but a file', { attachments: something }, false],
    ['but a preview', { embeds: [{}] }, false],
    ['but components', { components: [{}] }, false],
    ['but a sticker', { stickers: something }, false],
    ['and forwards nothing', { messageSnapshots: something }, true],
    [
      'but forwards words',
      { messageSnapshots: new Map([...something, ['b', { ...something.get('a'), content: 'b' }]]) },
      false,
    ],
  ])('%s is unreadable: %3$s', (_what, content, is) => {
    expect(isUnreadable(said(content))).toBe(is);
  });

  it('says nothing', () => {
    expect(toChatMessages(said(), images)).toEqual([]);
  });
});

describe('a message of a person', () => {
  it('says its words without the mention of the bot, and shows its pictures', () => {
    const messages = toChatMessages(said({ content: '<@!1> <@&9> what is this?' }), images, 'replied-to');
    expect(messages).toEqual([
      {
        id: '100',
        author: { kind: 'user', id: '7' },
        text: 'what is this?',
        images: [{ name: 'cat.png', origin: 'replied-to' }],
        warnings: [],
      },
    ]);
    expect(toChatMessages(said({ content: 'a' }), images)[0]?.images).toMatchObject([
      { origin: 'attachment' },
    ]);
  });

  it('says no names of emoji that are looked at', () => {
    const content = 'an emoji <:bat:42>';
    expect(toChatMessages(said({ content }), emoji)[0]?.text).toBe('an emoji');
    expect(toChatMessages(said({ content }), images)[0]?.text).toContain('bat');
  });

  it.each([
    [MessageType.Reply, 1],
    [MessageType.ChatInputCommand, 1],
    [MessageType.ContextMenuCommand, 1],
    [MessageType.UserJoin, 0],
    [MessageType.ChannelPinnedMessage, 0],
  ])('of the type %d is %d of the conversation', (type, count) => {
    expect(toChatMessages(said({ content: 'a', type }), noImages)).toHaveLength(count);
  });

  it('may mention the bot by the role of its name', () => {
    expect(mentionsOfBot(said())).toEqual(['<@!?1>', '<@&9>']);
    expect(mentionsOfBot(said({ guild: null }))).toEqual(['<@!?1>']);
  });
});

/** A message as discord.js makes it of what Discord sends, behind the guard. */
function received(payload: object): Message {
  const client = Object.assign(new Client({ intents: [] }), { user: { id: '1' } });
  const { message } = payloadShapes(() => undefined);
  const author = { id: '7', username: 'ada' };
  const data = message.parse({ id: '100', channel_id: '5', author, ...payload });
  return Reflect.construct(RealMessage, [client, data]) as Message;
}

describe('what people read in a message of Discord is what the model gets:', () => {
  const display = (content: string) => ({ type: ComponentType.TextDisplay, content });
  const media = { url: 'https://cdn.example/a.png' };
  const forwarded = (message: object) => ({
    message_reference: { type: 1, channel_id: '6', message_id: '99' },
    message_snapshots: [{ message: { type: 0, content: '', attachments: [], embeds: [], ...message } }],
  });
  const build = {
    type: 'rich',
    author: { name: 'CI' },
    title: 'Build 7',
    description: 'passed',
    fields: [{ name: 'Branch', value: 'main' }, null, { name: 'Took', value: 3 }],
    footer: { text: 'Builder' },
  };
  const poll = {
    question: { text: 'Best bat?' },
    answers: [
      { answer_id: 1, poll_media: { text: 'Pip' } },
      { answer_id: 2, poll_media: null },
    ],
  };

  it.each<[string, object, string]>([
    ['text', { components: [display('# Zoo')] }, '# Zoo'],
    [
      'a section, without its button',
      {
        components: [
          {
            type: ComponentType.Section,
            components: [display('Pip'), display('a bat')],
            accessory: { type: ComponentType.Button, style: 2, label: 'Adopt', custom_id: 'a' },
          },
        ],
      },
      'Pip\na bat',
    ],
    [
      'a container and what is in it, but no rules and menus',
      {
        components: [
          {
            type: ComponentType.Container,
            components: [
              display('Zoo'),
              { type: ComponentType.Separator, spacing: 1 },
              { type: ComponentType.MediaGallery, items: [{ media, description: 'alt' }] },
              { type: ComponentType.File, file: { url: 'attachment://a.txt' } },
              { type: ComponentType.Section, components: [display('Zip')], accessory: { type: 11, media } },
              {
                type: ComponentType.ActionRow,
                components: [
                  { type: ComponentType.StringSelect, custom_id: 'm', placeholder: 'Choose', options: [] },
                  { type: ComponentType.UserSelect, custom_id: 'u' },
                ],
              },
            ],
          },
        ],
      },
      'Zoo\nZip',
    ],
    ['nothing of kinds yet to come', { components: [{ type: 99, content: 'x' }, display('known')] }, 'known'],
    [
      'an embed that a bot made, with all its parts',
      { content: 'Look:', embeds: [build] },
      'Look:\nCI\nBuild 7\npassed\nBranch\nmain\nTook\nBuilder',
    ],
    ['no page that a link leads to', { content: 'a', embeds: [{ type: 'link', title: 'A page' }] }, 'a'],
    ['a poll', { poll }, 'Best bat?\n- Pip\n-'],
    [
      'what is forwarded',
      forwarded({ content: 'See <#3>', embeds: [{ title: 'Build' }] }),
      'See #unknown\nBuild',
    ],
    [
      'names in embeds',
      { embeds: [{ type: 'rich', description: '<@1> </describe:42>' }] },
      '@unknown-user /describe',
    ],
  ])('%s', (_what, payload, text) => {
    expect(toChatMessages(received(payload), noImages)[0]?.text).toBe(text);
  });
});

describe('a message of the bot', () => {
  const byBot = (content: object) => toChatMessages(said({ author: { id: '1' }, ...content }), images);

  it('is an answer without its remarks', () => {
    expect(byBot({ content: 'A cat.\n-# \u200b2 s' })).toEqual([
      { id: '100', author: { kind: 'bot' }, text: 'A cat.', images: [], warnings: [] },
    ]);
  });

  it('of remarks alone is a notice', () => {
    expect(byBot({ content: '-# \u200bStopped.' })).toMatchObject([{ text: '', notice: true }]);
  });

  it('has the question of a command before it, with its pictures', () => {
    expect(byBot({ content: '> \u200bHow many?\nTwo.', interactionMetadata: { user: { id: '7' } } })).toEqual(
      [
        {
          id: '100.question',
          author: { kind: 'user', id: '7' },
          text: 'How many?',
          images: [{ name: 'cat.png', origin: 'attachment' }],
          warnings: [],
        },
        { id: '100', author: { kind: 'bot' }, text: 'Two.', images: [], warnings: [] },
      ],
    );
  });
});
