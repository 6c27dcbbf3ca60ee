import { REST, RESTEvents } from 'discord.js';

import { EditPace } from './edit-pace.js';

describe('the pace of edits', () => {
  function paceAfter(path: string, headers: Record<string, string>, method = 'PATCH'): EditPace {
    const rest = new REST();
    const pace = new EditPace();
    pace.watch(rest);
    const request = { method, path, route: path, options: {}, data: {}, retries: 0 };
    rest.emit(RESTEvents.Response, request as never, new Response('{}', { headers }) as never);
    return pace;
  }
  const bucket = (remaining: number) => ({
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset-after': '4',
  });

  it('is quick while the bucket is at least half full', () => {
    expect(paceAfter('/channels/7/messages/8', bucket(4)).interval('7')).toBe(500);
  });

  it('spreads what is left over the window, and keeps one edit in reserve', () => {
    const interval = paceAfter('/channels/7/messages/8', bucket(2)).interval('7');
    expect(interval).toBeGreaterThan(3_500);
    expect(interval).toBeLessThanOrEqual(4_000);
  });

  it('waits for the window to end when only the reserve is left', () => {
    expect(paceAfter('/channels/7/messages/8', bucket(1)).interval('7')).toBeGreaterThan(3_500);
  });

  it('is kept for each channel and each interaction apart', () => {
    expect(paceAfter('/channels/7/messages/8', bucket(0)).interval('9')).toBe(500);
    expect(paceAfter('/webhooks/1/token/messages/@original', bucket(0)).interval('token')).toBeGreaterThan(
      3_500,
    );
  });

  it('does not follow other requests', () => {
    expect(paceAfter('/channels/7/messages', bucket(0), 'POST').interval('7')).toBe(500);
  });
});
