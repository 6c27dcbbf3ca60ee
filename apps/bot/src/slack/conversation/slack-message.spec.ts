import { isDirect, isSlackItself, postedMessage, slackMessage } from './slack-message.js';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const said = (text: string) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] });
const cell = (text: string) => ({ type: 'raw_text', text });
const table = { type: 'table', rows: [[cell('Pip'), cell('2')]] };
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
      'of an app with neither, all that its attachments show',
      {
        bot_id: 'B1',
        attachments: [
          {
            author_name: 'CI',
            text: 'passed',
            fields: [{ title: 'Branch', value: 'main' }, 7, { value: '3 min' }],
            footer: 'Builder',
          },
          { image_url: 'https://a.example/a.png', fallback: 'a picture' },
          { from_url: 'https://a.example', title: 'A page' },
        ],
      },
      'CI\npassed\nBranch\nmain\n3 min\nBuilder',
    ],
    [
      'of a person, and the table beside it',
      {
        text: 'Which is taller?',
        blocks: [{ type: 'rich_text', elements: [said('Which is taller?')] }, table],
      },
      'Which is taller?\n| Pip | 2 |',
    ],
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

describe('what is quoted in a message on Slack', () => {
  const shared = {
    from_url: 'https://zoo.slack.com/archives/C1/p1',
    is_msg_unfurl: true,
    author_name: 'Ada',
  };

  it.each([
    ['what a person shared into it', { attachments: [{ ...shared, text: 'Ask <@U1>.' }] }, 'Ada\nAsk <@U1>.'],
    ['a table that was pasted', { attachments: [{ blocks: [table] }] }, '| Pip | 2 |'],
    ['no page that a link leads to', { attachments: [{ from_url: 'https://a.example', title: 'A' }] }, ''],
    [
      'what an app attached to its words',
      { bot_id: 'B1', text: 'Hi', attachments: [{ text: '<@U1>' }] },
      '<@U1>',
    ],
    ['nothing where that is all it says', { bot_id: 'B1', attachments: [{ text: 'Build' }] }, ''],
  ])('is %s', (_what, content, quoted) => {
    expect(read({ text: '', ...content })).toMatchObject({ quoted });
  });

  it('is no part of its words, and so calls nobody', () => {
    expect(read({ text: '', attachments: [{ ...shared, text: '<@U1>' }] }).text).toBe('');
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
