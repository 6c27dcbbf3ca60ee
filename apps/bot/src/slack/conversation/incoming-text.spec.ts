import { blockText, withUnicodeEmoji } from './block-text.js';
import { mentions, plainText, unnamedIn } from './incoming-text.js';

const bot = 'U0BOT';
const names = new Map([
  ['U0ADA', 'Ada'],
  ['C0ZOO', 'zoo'],
  ['S0KEEP', 'keepers'],
]);

/** What Slack delivers, and what people read at their clients (Slack docs, "Formatting message text"). */
it.each([
  ['<@U0BOT> what is this?', 'what is this?'],
  ['hey <@U0BOT|minigpt4>, look', 'hey, look'],
  ['what <@U0BOT> is this?', 'what is this?'],
  ['<@U0BOT>', ''],
  ['ask <@U1|ada> in <#C1|general>', 'ask @ada in #general'],
  ['ask <@U0ADA> in <#C0ZOO>', 'ask @Ada in #zoo'],
  ['ask <@U0ADA|> in <#C0ZOO|>', 'ask @Ada in #zoo'],
  ['ask <@U1> in <#C1>', 'ask @someone in #channel'],
  ['<!subteam^S0KEEP> look', '@keepers look'],
  ['<!subteam^S1|@team> look', '@team look'],
  ['<!subteam^S1> look', '@group look'],
  ['<!here> <!here|here> <!here|@here> <!channel> <!everyone>', '@here @here @here @channel @everyone'],
  ['call <tel:+4912345|+49 123 45> or <tel:+4912345>', 'call +49 123 45 or +4912345'],
  [
    'write to <mailto:a@example.com|a@example.com> or <mailto:b@example.com>',
    'write to a@example.com or b@example.com',
  ],
  ['on <!date^1392734382^{date_num}|2014-02-18>', 'on 2014-02-18'],
  ['on <!date^1392734382^{date}^https://example.com|18 February>', 'on 18 February'],
  ['on <!date^1392734382^{date}>', 'on 2014-02-18 14:39'],
  ['see <https://example.com/a.png|a.png> and <https://example.com>', 'see a.png and https://example.com'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
  ['&amp;lt;', '&lt;'],
  ['&lt;@U0ADA&gt; is how it is written', '<@U0ADA> is how it is written'],
  ['two\nlines', 'two\nlines'],
  ['```\nif (a) {\n    b();\n}\n```', '```\nif (a) {\n    b();\n}\n```'],
  ['<@U0BOT>\n    first:\n        second', '\n    first:\n        second'],
  ['<@U0BOT> why?\n\tfor x in y:\n\t\tprint(x)\n', 'why?\n\tfor x in y:\n\t\tprint(x)'],
])('%j is what a person reads as %j', (text, plain) => {
  expect(plainText(text, bot, names)).toBe(plain);
});

it('a mention is of the whole id', () => {
  expect(mentions('<@U0BOT> hi', bot)).toBe(true);
  expect(mentions('<@U0BOT|minigpt4> hi', bot)).toBe(true);
  expect(mentions('<@U0BOTTOM> hi', bot)).toBe(false);
});

it('the ids without words are found, to be looked up', () => {
  expect(unnamedIn('<@U0ADA> <@U1|ada> <#C0ZOO> <#C1|> <!subteam^S0KEEP> <!here>')).toEqual([
    'U0ADA',
    'C0ZOO',
    'C1',
    'S0KEEP',
  ]);
});

describe('blocks', () => {
  const rich = (...elements: object[]) => [{ type: 'rich_text', elements }];
  const section = (...elements: object[]) => ({ type: 'rich_text_section', elements });

  it.each([
    [
      'a mention and a question',
      rich(section({ type: 'user', user_id: bot }, { type: 'text', text: ' is 1 < 2?' })),
      'is 1 < 2?',
    ],
    [
      'references',
      rich(
        section(
          { type: 'user', user_id: 'U0ADA' },
          { type: 'text', text: ' ' },
          { type: 'channel', channel_id: 'C0ZOO' },
          { type: 'text', text: ' ' },
          { type: 'usergroup', usergroup_id: 'S0KEEP' },
          { type: 'text', text: ' ' },
          { type: 'broadcast', range: 'here' },
          { type: 'text', text: ' ' },
          { type: 'link', url: 'https://example.com', text: 'there' },
          { type: 'text', text: ' ' },
          { type: 'emoji', name: 'bat', unicode: '1f987' },
          { type: 'emoji', name: 'party-bat' },
        ),
      ),
      '@Ada #zoo @keepers @here there 🦇:party-bat:',
    ],
    [
      'code, a list and a quotation',
      rich(
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'if a:\n    b' }] },
        {
          type: 'rich_text_list',
          style: 'ordered',
          elements: [section({ type: 'text', text: 'one' }), section({ type: 'text', text: 'two' })],
        },
        { type: 'rich_text_quote', elements: [{ type: 'text', text: 'so' }] },
      ),
      '```\nif a:\n    b\n```\n1. one\n2. two\n> so',
    ],
    [
      "another app's",
      [
        { type: 'header', text: { type: 'plain_text', text: 'Build <1>' } },
        { type: 'section', text: { type: 'mrkdwn', text: 'by <@U0ADA>' }, fields: null },
        { type: 'context', elements: [{ type: 'image', image_url: 'https://example.com/a.png' }, null] },
        { type: 'markdown', text: 'a & b' },
        { type: 'rich_text', elements: 7 },
      ],
      'Build <1>\nby @Ada\na & b',
    ],
  ])('%s are read as people read them', (_what, blocks, plain) => {
    expect(plainText(blockText(blocks), bot, names)).toBe(plain);
  });

  it('tell which characters the emoji of a text are', () => {
    const blocks = rich(section({ type: 'emoji', name: 'wave', unicode: '1f44b-1f3fb' }));
    expect(withUnicodeEmoji('Hello :wave::skin-tone-2: :other:', blocks)).toBe('Hello 👋🏻 :other:');
  });
});
