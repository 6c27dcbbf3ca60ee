import { cutToBytes, escapeEntities, restoreText, toMrkdwn, withoutPings } from './outgoing-text.js';

describe('what the model writes', () => {
  it.each(['<!channel>', '<!here|here>', '<@U123>', '<#C123|general>', '<!subteam^S1>'])(
    'never notifies anybody: %s',
    (ping) => {
      expect(withoutPings(`Hello ${ping}!`)).not.toMatch(/<[@!#]/);
      expect(toMrkdwn(`Hello ${ping}!`)).not.toMatch(/<[@!#]/);
    },
  );

  it('is found again as it was written', () => {
    const text = 'a < b, <!channel> and `<@U1>`';
    expect(restoreText(withoutPings(text))).toBe(text);
  });

  it('grows without changing what was sent, but for a trailing "<"', () => {
    const whole = 'a <!channel> b';
    for (let end = 0; end <= whole.length; end += 1) {
      const part = whole.slice(0, end);
      if (!part.endsWith('<')) expect(withoutPings(whole).startsWith(withoutPings(part))).toBe(true);
    }
  });
});

describe("Slack's mrkdwn", () => {
  it.each([
    ['**bold** and __bold__', '*bold* and *bold*'],
    ['*italic* and _italic_', '_italic_ and _italic_'],
    ['**bold *and italic***', '*bold _and italic_*'],
    ['~~gone~~', '~gone~'],
    ['# Heading', '*Heading*'],
    ['- one\n- two', '• one\n• two'],
    ['[a page](https://example.com/a?b=1&c=2)', '<https://example.com/a?b=1&amp;c=2|a page>'],
    ['`**code** <b>`', '`**code** &lt;b&gt;`'],
    ['```\n**code**\n```', '```\n**code**\n```'],
    ['2 * 3 * 4 < 30 & more', '2 * 3 * 4 &lt; 30 &amp; more'],
  ])('of %j is %j', (markdown, mrkdwn) => {
    expect(toMrkdwn(markdown)).toBe(mrkdwn);
  });
});

describe('cutting to bytes', () => {
  it('keeps short text', () => {
    expect(cutToBytes('äöü', 6)).toBe('äöü');
  });

  it('cuts between characters and says so', () => {
    const cut = cutToBytes('😀'.repeat(10), 20);
    expect(cut).toBe(`${'😀'.repeat(4)}…`);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(20);
  });
});

it('escapes the three characters that Slack reads as control', () => {
  expect(escapeEntities('<a & b>')).toBe('&lt;a &amp; b&gt;');
});
