import { ByteBudget, RequestBytesError } from './byte-budget.js';
import { DrainingError, RunningRequests } from './running-requests.js';

const somebody = () => new AbortController();

describe('a running request', () => {
  it('is counted until it ends', () => {
    const requests = new RunningRequests();
    const [first, second] = [requests.begin(somebody().signal), requests.begin(somebody().signal)];
    expect(requests.count).toBe(2);
    first[Symbol.dispose]();
    expect(requests.count).toBe(1);
    second[Symbol.dispose]();
    expect(requests.count).toBe(0);
    expect(requests.draining).toBe(false);
  });

  it('is aborted when its caller goes, also when that was before it began', () => {
    const requests = new RunningRequests();
    const [caller, gone] = [somebody(), somebody()];
    const request = requests.begin(caller.signal);
    expect(request.signal.aborted).toBe(false);
    caller.abort('enough');
    expect(request.signal.reason).toBe('enough');
    gone.abort('too late');
    expect(requests.begin(gone.signal).signal.reason).toBe('too late');
  });
});

describe('a server that shuts down', () => {
  it('takes no further requests, and waits for the running ones', async () => {
    const requests = new RunningRequests();
    const [first, second] = [requests.begin(somebody().signal), requests.begin(somebody().signal)];
    let isOver = false;
    const drained = requests.drain(3_600).then(() => {
      isOver = true;
    });
    expect(requests.draining).toBe(true);
    expect(() => requests.begin(somebody().signal)).toThrow(DrainingError);
    first[Symbol.dispose]();
    await new Promise(setImmediate);
    expect([isOver, second.signal.aborted]).toEqual([false, false]);
    second[Symbol.dispose]();
    await drained;
    expect(second.signal.aborted).toBe(false);
  });

  it('waits for nothing where nothing runs', async () => {
    await new RunningRequests().drain(3_600);
  });

  it('ends what runs when the time is over, and does not wait for what cannot end', async () => {
    const requests = new RunningRequests();
    const stubborn = requests.begin(somebody().signal);
    await requests.drain(0.01);
    expect(stubborn.signal.reason).toBeInstanceOf(DrainingError);
    expect(requests.count).toBe(1);
  });
});

describe('what the requests in flight may hold', () => {
  it('is taken to the last byte, and no further before some of it is given back', () => {
    const budget = new ByteBudget(100);
    budget.take(60);
    budget.take(40);
    expect(() => budget.take(1)).toThrow(RequestBytesError);
    budget.give(40);
    expect(() => budget.take(41)).toThrow(RequestBytesError);
    budget.take(40);
  });
});
