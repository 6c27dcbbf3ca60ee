import { z } from 'zod';

import { each, eachById, fields, maybe, maybeFlag, maybeNumber, maybeText, snowflake } from './tolerant.js';

const named = fields({ id: snowflake, name: maybeText });

describe('what Discord sends is read', () => {
  it.each([
    ['id', snowflake, '1234', '1234'],
    ['text', maybeText, 7, undefined],
    ['number', maybeNumber, null, undefined],
    ['flag', maybeFlag, 'yes', undefined],
    ['optional object', maybe(z.object({})), [], undefined],
  ] as const)('as %s where it is one', (_what, shape, value, read) => {
    expect(shape.parse(value)).toEqual(read);
  });

  it.each(['', '12a', '-1', '123456789012345678901', 12])('%j is no id', (value) => {
    expect(snowflake.safeParse(value).success).toBe(false);
  });

  it('without the fields that are not there, rather than with nothing in them', () => {
    expect(Object.keys(named.parse({ id: '1', name: 7, more: 1 }))).toEqual(['id']);
    expect(named.parse({ id: '1', name: 'Ada' })).toEqual({ id: '1', name: 'Ada' });
  });

  it('item by item, in lists and by id, and what cannot be read is counted by its kind', () => {
    const leftOut: string[] = [];
    const list = each(named, 'person', (kind) => leftOut.push(kind));
    expect(list.parse([{ id: '1' }, { id: 'x' }, null])).toEqual([{ id: '1' }]);
    const byId = eachById(named, 'channel', (kind) => leftOut.push(kind));
    expect(byId.parse({ a: { id: '2' }, b: {} })).toEqual({ a: { id: '2' } });
    expect(leftOut).toEqual(['person', 'person', 'channel']);
  });

  it.each([undefined, null, 'none', 7])('as no items where %j stands for them', (value) => {
    const never = () => {
      throw new Error('Nothing is left out.');
    };
    expect(each(named, 'person', never).parse(value)).toBeUndefined();
    expect(eachById(named, 'person', never).parse(value)).toBeUndefined();
  });
});
