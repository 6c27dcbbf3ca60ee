import { readableText } from './incoming-text.js';

const names = {
  user: (id: string) => ({ '1': 'Ada' })[id],
  role: (id: string) => ({ '2': 'Keepers' })[id],
  channel: (id: string) => ({ '3': 'reptiles' })[id],
};
const inAnHour = Math.round(Date.now() / 1_000) + 3_700;

describe('what people read on Discord is what the model gets:', () => {
  it.each([
    ['a person', 'Ask <@1>.', 'Ask @Ada.'],
    ['a person by nickname', 'Ask <@!1>.', 'Ask @Ada.'],
    ['a person who left', 'Ask <@9>.', 'Ask @unknown-user.'],
    ['a role', 'Dear <@&2>', 'Dear @Keepers'],
    ['a deleted role', 'Dear <@&9>', 'Dear @unknown-role'],
    ['a channel', 'See <#3>', 'See #reptiles'],
    ['a hidden channel', 'See <#9>', 'See #unknown'],
    ['a command', 'Use </describe:42>', 'Use /describe'],
    ['a command in a command', 'Use </pictures find all:42>', 'Use /pictures find all'],
    ['an emoji of the server', 'Nice <:bat_1:42>', 'Nice :bat_1:'],
    ['a moving emoji', 'Nice <a:party:42>', 'Nice :party:'],
    ['a moment', 'On <t:0>', 'On January 1, 1970 at 12:00 AM UTC'],
    ['a time', 'At <t:3600:t>', 'At 1:00 AM UTC'],
    ['a time with seconds', 'At <t:3601:T>', 'At 1:00:01 AM UTC'],
    ['a short date', 'On <t:0:d>', 'On 1/1/70'],
    ['a date', 'On <t:0:D>', 'On January 1, 1970'],
    ['a moment with its weekday', 'On <t:0:F>', 'On Thursday, January 1, 1970 at 12:00 AM UTC'],
    ['how long until', `It opens <t:${inAnHour}:R>`, 'It opens in 1 hour'],
    ['a moment beyond all calendars', 'On <t:9999999999999>', 'On <t:9999999999999>'],
    ['a place of the server', 'See <id:customize>', 'See Channels & Roles'],
    ['a link without a preview', '<https://example.org/a>', 'https://example.org/a'],
    ['code in a line, as it was typed', 'Write `<@1>` for <@1>', 'Write `<@1>` for @Ada'],
    ['a code block with its indentation', '```\nif x:\n    <#3>\n```', '```\nif x:\n    <#3>\n```'],
    ['a lone backtick', 'a ` and <#3>', 'a ` and #reptiles'],
    ['less than', '1 < 2 and a<b>c', '1 < 2 and a<b>c'],
  ])('%s', (_what, written, read) => {
    // The narrow space that some versions of the time format put before AM.
    expect(readableText(written, names, 'en-US').replaceAll('\u202f', ' ')).toBe(read);
  });

  it.each([
    [-40, '40 seconds ago'],
    [-100, '2 minutes ago'],
    [59 * 60, 'in 59 minutes'],
    [-23.6 * 3_600, '24 hours ago'],
    [86_500, 'tomorrow'],
    [-29 * 86_400, '29 days ago'],
    [32 * 86_400, 'next month'],
    [-3 * 31_556_952 - 60, '3 years ago'],
  ])('a moment %d seconds from now', (seconds, read) => {
    const now = Date.now;
    Date.now = () => 1_800_000_000_000;
    try {
      expect(readableText(`<t:${1_800_000_000 + Math.round(seconds)}:R>`, names, 'en-US')).toBe(read);
    } finally {
      Date.now = now;
    }
  });

  it('dates in the language of the place', () => {
    expect(readableText('<t:0:D>', names, 'de')).toBe('1. Januar 1970');
  });
});
