import { RateLimits } from './rate-limits.js';

const route = 'GET /channels/:channel/messages';

function ask(limits: RateLimits, times: number): number {
  const verdicts = Array.from({ length: times }, (_, index) => limits.check(route, `channel ${index}`));
  return verdicts.filter(({ allowed }) => !allowed).length;
}

describe('the limit of 50 requests a second over all routes', () => {
  it('refuses what comes beyond it', () => {
    expect(ask(new RateLimits({}), 51)).toBe(1);
  });

  it('calls it no fault when a second second of a client that keeps to it arrives within the first', () => {
    const limits = new RateLimits({});
    ask(limits, 50); // all of one second, held up on the way
    expect(ask(limits, 50)).toBe(50);
    expect(limits.violations).toEqual([]);
  });

  it('calls more than that a fault', () => {
    const limits = new RateLimits({});
    ask(limits, 103);
    expect(limits.violations).toHaveLength(3);
  });
});
