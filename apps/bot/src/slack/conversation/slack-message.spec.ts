import { isDirect, isSlackItself, postedMessage, slackMessage } from './slack-message.js';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const read = (content: Readonly<Record<string, unknown>>) => slackMessage.parse({ ts: '1.0', ...content });

describe('the text of a message on Slack', () => {
  it.each([
    ['what a person wrote', { text: 'Hello.', blocks: [section('Hello in blocks.')] }, 'Hello.'],
    ['of a person without a text, its blocks', { text: ' ', blocks: [section('In blocks.')] }, 'In blocks.'],
    [
      'of an app, its blocks',
      { bot_id: 'B1', text: 'For notifications', blocks: [section('Build')] },
      'Build',
    ],
    ['of an app without blocks, its text', { bot_id: 'B1', text: 'Rain.' }, 'Rain.'],
    [
      'of an app with neither, its attachments',
      {
        bot_id: 'B1',
        attachments: [
          { pretext: 'New:', title: 'Build 7', text: 'passed' },
          { title: 'Log', blocks: [section('42 lines')] },
          { fallback: 'in words' },
          {},
        ],
      },
      'New:\nBuild 7\npassed\nLog\n42 lines\nin words',
    ],
    ['of a person, never what a link shows', { text: '', attachments: [{ title: 'A page' }] }, ''],
    [
      'with its emoji as characters',
      {
        text: 'A :bat:',
        blocks: [{ type: 'rich_text', elements: [{ type: 'emoji', name: 'bat', unicode: '1f987' }] }],
      },
      'A 🦇',
    ],
  ])('is %s', (_what, content, text) => {
    expect(read(content).text).toBe(text);
  });
});

describe('a message on Slack', () => {
  it('is read as far as it can be, and says by kind and field what could not', () => {
    const message = read({
      text: 7,
      user: null,
      files: [{ id: 'F1', size: 'large' }, { name: 'no id' }, null],
      attachments: 'none',
      blocks: [{ no: 'type' }],
    });
    expect(message).toMatchObject({ text: '', user: undefined, attachments: [], blocks: [] });
    expect(message.files).toEqual([expect.objectContaining({ id: 'F1', size: undefined, channels: [] })]);
    expect(message.leftOut).toEqual([
      'file: id, not string',
      'file: all of it, not object',
      'attachment: no list',
      'block: type, not string',
    ]);
  });

  it('shows what was shared into it, and says what of that could not be read', () => {
    const { attachments, leftOut } = read({
      attachments: [
        {
          blocks: [section('own')],
          files: [{}],
          message_blocks: [{ message: { blocks: [section('shared'), {}] } }, { message: 7 }],
        },
      ],
    });
    expect(attachments[0]!.blocks).toEqual([section('own'), section('shared')]);
    expect(leftOut).toEqual([
      'file: id, not string',
      'shared message: message, not object',
      'block: type, not string',
    ]);
  });

  it('has a time, and where it was posted a channel', () => {
    expect(slackMessage.safeParse({ text: 'Hello.' }).success).toBe(false);
    expect(postedMessage.safeParse({ ts: '1.0' }).success).toBe(false);
    expect(postedMessage.parse({ ts: '1.0', channel: 'C1' }).channel).toBe('C1');
  });

  it('may be in a direct conversation, and from Slack itself', () => {
    expect([isDirect('D1'), isDirect('C1'), isDirect('G1D')]).toEqual([true, false, false]);
    expect(['USLACK', 'USLACKBOT', 'U1', undefined].map(isSlackItself)).toEqual([true, true, false, false]);
  });
});
