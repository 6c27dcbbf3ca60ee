import { plainText } from './incoming-text.js';

const bot = 'U0BOT';

it.each([
  ['<@U0BOT> what is this?', 'what is this?'],
  ['hey <@U0BOT|minigpt4>, look', 'hey , look'],
  ['ask <@U0ADA|ada> in <#C1|general>', 'ask @ada in #general'],
  ['<!here> look', '@here look'],
  ['see <https://example.com/a.png|a.png> and <https://example.com>', 'see a.png and https://example.com'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
  ['&amp;lt;', '&lt;'],
  ['two\nlines', 'two\nlines'],
])('%j is what a person reads as %j', (text, plain) => {
  expect(plainText(text, bot)).toBe(plain);
});
