import { readCommandText } from './prompts.js';

it.each([
  ['https://example.com/a.png', 'https://example.com/a.png', ''],
  ['https://example.com/a.png what is this?', 'https://example.com/a.png', 'what is this?'],
  ['<https://example.com/a.png|a.png> how many?', 'https://example.com/a.png', 'how many?'],
  ['  <https://example.com/a.png>  ', 'https://example.com/a.png', ''],
  ['what is this?', undefined, 'what is this?'],
  ['', undefined, ''],
])('%j names the picture %j and asks %j', (text, address, question) => {
  expect(readCommandText(text)).toEqual({ address, question });
});
