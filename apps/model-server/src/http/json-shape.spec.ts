import { checkJsonShape } from './json-shape.js';

const check = (json: string) => checkJsonShape(Buffer.from(json));

it.each([
  ['a list', `${'['.repeat(65)}${']'.repeat(65)}`],
  ['an object', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`],
  ['a body that is cut off', '['.repeat(65)],
])('refuses %s nested too deeply', (_name, json) => {
  expect(() => check(json)).toThrow('nested more than 64 levels');
});

it('refuses more elements than a request can need', () => {
  expect(() => check(`[${'0,'.repeat(100_001)}0]`)).toThrow('more than 100000 members');
});

it.each([
  ['what is nested as far as it may be', `${'['.repeat(64)}${']'.repeat(64)}`],
  ['brackets and commas in a string', JSON.stringify('[{,'.repeat(100_000))],
  ['a string that ends in a backslash', JSON.stringify(['\\', '[,'.repeat(100_000)])],
  ['a string with quotes and backslashes', JSON.stringify('\\"\\\\"[{'.repeat(100_000))],
  ['many elements side by side at one level', JSON.stringify(Array(1_000).fill([{}]))],
  ['a string that does not end', `"${'['.repeat(100)}`],
])('takes %s', (_name, json) => {
  expect(() => check(json)).not.toThrow();
});
