import { parsePermalink, readCommandText } from './prompts.js';

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

const host = 'meadow.slack.com';

it('reads the link of a message', () => {
  expect(parsePermalink('https://meadow.slack.com/archives/C012AB3CD/p1700000000000100', host)).toEqual({
    kind: 'message',
    channel: 'C012AB3CD',
    ts: '1700000000.000100',
  });
});

it('reads the link of a reply in a thread', () => {
  const link =
    'https://meadow.slack.com/archives/C012AB3CD/p1700000001000200?thread_ts=1700000000.000100&cid=C012AB3CD';
  expect(parsePermalink(link, host)).toMatchObject({
    ts: '1700000001.000200',
    threadTs: '1700000000.000100',
  });
});

it('reads the link of a file', () => {
  expect(parsePermalink('https://meadow.slack.com/files/U012/F0345/cat.png', host)).toEqual({
    kind: 'file',
    file: 'F0345',
  });
});

it.each([
  'https://other.slack.com/archives/C012AB3CD/p1700000000000100',
  'http://meadow.slack.com/archives/C012AB3CD/p1700000000000100',
  'https://meadow.slack.com.evil.example/archives/C012AB3CD/p1700000000000100',
  'https://meadow.slack.com/archives/C012AB3CD',
  'https://example.com/cat.png',
  'cat.png',
])('leaves %s to others', (address) => {
  expect(parsePermalink(address, host)).toBeUndefined();
});
