import { closeMarkdown, healMarkdown } from './heal-markdown.js';

describe('markdown that is still growing', () => {
  it.each([
    ['open bold', 'It is a **red pan', 'It is a **red pan**'],
    ['open italics', 'It is a *red pan', 'It is a *red pan*'],
    ['open code', 'Type `npm sta', 'Type `npm sta`'],
    ['an open code block', '```js\nlet a', '```js\nlet a\n```'],
    ['an open code block of tildes', '~~~\nlet a', '~~~\nlet a\n~~~'],
    ['a code block inside a longer one', '````\n```\nlet a', '````\n```\nlet a\n````'],
    ['an open link', 'See [the docs](https://exa', 'See the docs'],
    ['an open image', 'See ![a cat](https://exa', 'See'],
    ['emphasis inside a code block, which is none', '```\na **b', '```\na **b\n```'],
    ['less-than, which is no tag', 'a <b', 'a <b'],
  ])('has %s closed', (_what, growing, shown) => {
    expect(healMarkdown(growing)).toBe(shown);
  });

  it('holds a table back until it is one, and then the row that is being written', () => {
    expect(healMarkdown('Colours:\n| name')).toBe('Colours:');
    expect(healMarkdown('Colours:\n| name | value |\n| --- ')).toBe('Colours:');
    expect(healMarkdown('Colours:\n| name | value |\n| --- | --- |\n| red')).toBe(
      'Colours:\n| name | value |\n| --- | --- |',
    );
  });

  it('is left as it is when it is whole', () => {
    const whole = '**Bold**, *italics*, `code`.\n\n| a |\n| --- |\n| b |';
    expect(closeMarkdown(whole)).toBe(whole);
  });
});
