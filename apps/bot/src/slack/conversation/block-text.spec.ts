import { blockText, type SlackBlock, withUnicodeEmoji } from './block-text.js';

const rich = (...elements: SlackBlock[]) => ({ type: 'rich_text', elements });
const line = (...elements: SlackBlock[]) => rich({ type: 'rich_text_section', elements });
const said = (text: string) => ({ type: 'text', text });
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const nested = (depth: number): SlackBlock =>
  depth === 0 ? said('deep') : { type: 'rich_text_section', elements: [nested(depth - 1)] };

describe('what blocks say', () => {
  it.each<[string, SlackBlock, string]>([
    ['plain words, escaped', line(said('1 < 2 & 3')), '1 &lt; 2 &amp; 3'],
    [
      'several parts, a line each',
      rich(
        { type: 'rich_text_section', elements: [said('a')] },
        { type: 'rich_text_quote', elements: [said('b\nc')] },
      ),
      'a\n&gt; b\n&gt; c',
    ],
    [
      'a list with bullets',
      rich({ type: 'rich_text_list', style: 'bullet', elements: [nested(1), line(said('x')).elements[0]!] }),
      '• deep\n• x',
    ],
    [
      'a list with numbers from one',
      rich({ type: 'rich_text_list', style: 'ordered', elements: [nested(1), nested(1)] }),
      '1. deep\n2. deep',
    ],
    ['code', rich({ type: 'rich_text_preformatted', elements: [said('a < b')] }), '```\na &lt; b\n```'],
    ['a bare link', line({ type: 'link', url: 'https://a.example/?a&b' }), '<https://a.example/?a&amp;b>'],
    [
      'a link with words',
      line({ type: 'link', url: 'https://a.example', text: '<A>' }),
      '<https://a.example|&lt;A&gt;>',
    ],
    [
      'those it names',
      line(
        { type: 'user', user_id: 'U1' },
        { type: 'usergroup', usergroup_id: 'S1' },
        { type: 'channel', channel_id: 'C1' },
        { type: 'broadcast', range: 'here' },
      ),
      '<@U1><!subteam^S1><#C1><!here>',
    ],
    [
      'emoji, by name where they have no characters',
      line({ type: 'emoji', name: 'wave', unicode: '1f44b-1f3fb' }, { type: 'emoji', name: 'own' }),
      '👋🏻:own:',
    ],
    ['nothing for an emoji of no character', line({ type: 'emoji', name: 'x', unicode: '0' }), ''],
    ['nothing for one beyond Unicode', line({ type: 'emoji', name: 'x', unicode: '110000' }), ''],
    ['the last character of Unicode', line({ type: 'emoji', name: 'x', unicode: '10ffff' }), '\u{10ffff}'],
    ['nothing where one of several is none', line({ type: 'emoji', name: 'x', unicode: '1f44b-z' }), ''],
    [
      'dates and colours',
      line({ type: 'date', fallback: 'May & June' }, { type: 'color', value: '#fff' }),
      'May &amp; June#fff',
    ],
    ['nothing of what it does not know', line({ type: 'new' }, said('known')), 'known'],
    ['a header', { type: 'header', text: { type: 'plain_text', text: 'A & B' } }, 'A &amp; B'],
    [
      'a section and its fields',
      {
        type: 'section',
        text: { type: 'mrkdwn', text: '*A* &amp; B' },
        fields: [{ type: 'plain_text', text: '<b>' }, 7, { type: 'mrkdwn', text: '' }],
      },
      '*A* &amp; B\n&lt;b&gt;',
    ],
    ['fields alone', { type: 'section', fields: [{ type: 'mrkdwn', text: 'f' }] }, 'f'],
    [
      'a context in one line',
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: 'a' }, { type: 'image' }, { type: 'plain_text', text: 'b' }],
      },
      'a b',
    ],
    ['markdown, escaped', { type: 'markdown', text: 'a <@U1>' }, 'a &lt;@U1&gt;'],
    [
      'a list within a list, and one that goes on',
      rich(
        { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [nested(1)] },
        { type: 'rich_text_list', style: 'ordered', indent: 2, offset: 3, elements: [nested(1)] },
      ),
      '  • deep\n    4. deep',
    ],
    ['a date without words', line({ type: 'date', timestamp: 0, format: '{date}' }), '<!date^0>'],
    [
      'a table, row by row',
      {
        type: 'table',
        rows: [
          [
            { type: 'raw_text', text: 'Bat' },
            { type: 'raw_text', text: 'Wings & ears' },
          ],
          [line(said('Pip')), { type: 'raw_number', value: 2, text: '2' }],
          'no row',
        ],
      },
      '| Bat | Wings &amp; ears |\n| Pip | 2 |',
    ],
    [
      'a table of data with its caption',
      { type: 'data_table', caption: 'Bats < birds', rows: [[{ type: 'raw_text', text: 'Pip' }]] },
      'Bats &lt; birds\n| Pip |',
    ],
    ['an alert', { type: 'alert', level: 'error', text: { type: 'mrkdwn', text: '*Down*' } }, '*Down*'],
    ['the title of a picture', { type: 'image', alt_text: 'a', title: plain('Pip & Zip') }, 'Pip &amp; Zip'],
    [
      'a video',
      {
        type: 'video',
        alt_text: 'a',
        title: plain('Bats'),
        author_name: 'Ada & Co',
        description: plain('At dusk'),
        provider_name: 'Tube',
      },
      'Bats\nAda &amp; Co\nAt dusk',
    ],
    [
      'cards side by side, without their buttons',
      {
        type: 'carousel',
        elements: [
          { type: 'card', title: mrkdwn('*Pip*'), subtitle: mrkdwn('bat'), body: mrkdwn('small') },
          { type: 'card', title: mrkdwn('Zip'), actions: [{ type: 'button', text: plain('Adopt') }] },
        ],
      },
      '*Pip*\nbat\nsmall\nZip',
    ],
    [
      'a container and what is in it',
      {
        type: 'container',
        title: plain('Zoo'),
        subtitle: mrkdwn('today'),
        child_blocks: [
          { type: 'header', text: plain('Bats') },
          { type: 'table', rows: [[line(said('Pip'))]] },
        ],
      },
      'Zoo\ntoday\nBats\n| Pip |',
    ],
    ['a container with a rich title', { type: 'container', rich_text_title: line(said('Zoo')) }, 'Zoo'],
    [
      'a plan and its tasks',
      {
        type: 'plan',
        title: 'Look & see',
        tasks: [
          {
            type: 'task_card',
            task_id: 't',
            title: 'Count',
            status: 'complete',
            details: line(said('ears')),
            output: line(said('two')),
            sources: [{ type: 'url', url: 'https://a.example', text: 'A' }],
          },
          { type: 'task_card', title: 'Name' },
        ],
      },
      'Look &amp; see\nCount\nears\ntwo\n<https://a.example|A>\nName',
    ],
    ['the label of a field', { type: 'input', label: plain('Your name'), element: {} }, 'Your name'],
    ['nothing of buttons', { type: 'actions', elements: [{ type: 'button', text: plain('Go') }] }, ''],
    [
      'nothing of votes',
      {
        type: 'context_actions',
        elements: [{ type: 'feedback_buttons', positive_button: { text: plain('Good') } }],
      },
      '',
    ],
    ['nothing of a file from elsewhere', { type: 'file', source: 'remote', external_id: 'x' }, ''],
    ['nothing of a divider', { type: 'divider' }, ''],
    ['nothing of lists that are none', { type: 'rich_text', elements: 'x' }, ''],
    ['what is eight deep below a block', rich(nested(8)), 'deep'],
    ['nothing that is deeper', rich(nested(9)), ''],
  ])('%s', (_what, block, text) => {
    expect(blockText([block])).toBe(text);
  });

  it('stands line by line, without empty ones', () => {
    expect(blockText([line(said('a')), { type: 'divider' }, line(said('b'))])).toBe('a\nb');
  });
});

describe('the emoji of a text', () => {
  const emoji = (name: string, unicode: string) => ({ type: 'emoji', name, unicode });

  it('become the characters that the blocks tell, in order, with their skin', () => {
    const blocks = [line(emoji('wave', '1f44b-1f3fb'), emoji('+1', '1f44d')), line(emoji('wave', '1f44b'))];
    expect(withUnicodeEmoji(':wave::skin-tone-2: :+1: :wave: :own:', blocks)).toBe('👋🏻 👍 👋 :own:');
  });

  it.each([
    ['a', ''],
    ['', '1f44b'],
  ])('stay where the blocks name %j as %j', (name, unicode) => {
    expect(withUnicodeEmoji(':a: ::', [line(emoji(name, unicode))])).toBe(':a: ::');
  });

  it('stay where they are nested deeper than Slack nests', () => {
    const deep = (depth: number): SlackBlock =>
      depth === 0 ? emoji('a', '1f44b') : { type: 'rich_text_section', elements: [deep(depth - 1)] };
    expect(withUnicodeEmoji(':a:', [deep(8)])).toBe('👋');
    expect(withUnicodeEmoji(':a:', [deep(9)])).toBe(':a:');
  });
});
