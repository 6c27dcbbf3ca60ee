import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { z } from 'zod';

import { ReplyGoneError } from '../../contract/index.js';
import {
  callPatiently,
  errorCode,
  firstLine,
  isContentRefusal,
  PlaceRefusedError,
  reasonOf,
  retryAfter,
  translateError,
} from './api-errors.js';

const refused = (error: string) => new WebAPIPlatformError({ ok: false, error });

describe('an error of a call to Slack', () => {
  it('has the code of a refusal, or the seconds to wait, and otherwise neither', () => {
    expect([errorCode(refused('is_archived')), retryAfter(refused('is_archived'))]).toEqual([
      'is_archived',
      undefined,
    ]);
    const limited = new WebAPIRateLimitedError(30);
    expect([errorCode(limited), retryAfter(limited)]).toEqual([undefined, 30]);
    expect([errorCode(new Error('broken')), retryAfter(new Error('broken'))]).toEqual([undefined, undefined]);
  });

  it.each(['invalid_blocks', 'msg_too_long', 'metadata_too_large'])('is about the content: %s', (code) => {
    expect(isContentRefusal(refused(code))).toBe(true);
  });

  it.each([refused('is_archived'), new Error('msg_too_long')])('is not about the content: %s', (error) => {
    expect(isContentRefusal(error)).toBe(false);
  });

  it.each(['message_not_found', 'stopped_by_user'])('tells a reply that is gone: %s', (code) => {
    const error = refused(code);
    const told = translateError(error);
    expect(told).toBeInstanceOf(ReplyGoneError);
    expect(told).toMatchObject({ message: `Slack takes no more of this reply: ${code}`, cause: error });
  });

  it('tells a place that takes none', () => {
    const error = refused('is_archived');
    const told = translateError(error);
    expect(told).toBeInstanceOf(PlaceRefusedError);
    expect(told).toMatchObject({ why: 'is_archived', cause: error });
  });

  it.each([
    refused('internal_error'),
    refused('ratelimited'),
    new WebAPIRateLimitedError(1),
    new Error('cut'),
  ])('stays what it is where the next call may work: %s', (error) => {
    expect(translateError(error)).toBe(error);
  });

  it('has its innermost reason', () => {
    const inner = new Error('getaddrinfo ENOTFOUND slack.com');
    expect(reasonOf(new Error('outer', { cause: new Error('middle', { cause: inner }) }))).toBe(
      inner.message,
    );
    expect(reasonOf(new Error('outer', { cause: 'a text' }))).toBe('a text');
    expect(reasonOf('a text')).toBe('a text');
  });

  it('has a line for the log: the code, or the first line of the reason, at most 200 characters', () => {
    expect(firstLine(refused('is_archived'))).toBe('is_archived');
    expect(firstLine(new Error('one\ntwo'))).toBe('one');
    expect(firstLine(new Error('x'.repeat(201)))).toBe('x'.repeat(200));
  });

  it('says of foreign data what was expected there, never what came', () => {
    const { error } = z.object({ user: z.object({ id: z.string() }) }).safeParse({ user: { id: 4711 } });
    expect(firstLine(error)).toBe('user.id, not string');
  });
});

describe('a call that has to succeed', () => {
  const failing = (times: number, error: unknown) => {
    let calls = 0;
    const call = async () => {
      calls++;
      if (calls <= times) throw error;
      return calls;
    };
    return { call, calls: () => calls };
  };

  it('is made again as often as Slack asks to wait, six times in all', async () => {
    const limited = new WebAPIRateLimitedError(0);
    await expect(callPatiently(failing(5, limited).call)).resolves.toBe(6);
    const hopeless = failing(6, limited);
    await expect(callPatiently(hopeless.call)).rejects.toBe(limited);
    expect(hopeless.calls()).toBe(6);
  });

  it('waits as many seconds as Slack asks', async () => {
    const start = performance.now();
    await expect(callPatiently(failing(1, new WebAPIRateLimitedError(0.05)).call)).resolves.toBe(2);
    expect(performance.now() - start).toBeGreaterThanOrEqual(45);
  });

  it('is not made again when it is refused', async () => {
    const error = refused('is_archived');
    const once = failing(1, error);
    await expect(callPatiently(once.call)).rejects.toBe(error);
    expect(once.calls()).toBe(1);
  });
});
