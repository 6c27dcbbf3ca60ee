import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';

import { ByteBudget } from '../chat/byte-budget.js';
import { boundMessages } from './bounded-messages.js';

function call(budget: ByteBudget) {
  const stream = new EventEmitter();
  const statuses: { code: number; details: string }[] = [];
  const sendStatus = (sent: (typeof statuses)[number]) => statuses.push(sent);
  boundMessages(budget)({} as never, { stream, sendStatus } as never);
  return { stream, statuses, receive: (...bytes: number[]) => stream.emit('data', Buffer.from(bytes)) };
}

/** How many bytes of a budget are taken. */
function takenOf(budget: ByteBudget): number {
  for (let free = budget.limit; ; free--) {
    try {
      budget.take(free);
      budget.give(free);
      return budget.limit - free;
    } catch {
      // Less is free.
    }
  }
}

describe('the messages of a call', () => {
  it('count while they arrive, until the call ends', () => {
    const budget = new ByteBudget(10);
    const { receive, stream, statuses } = call(budget);
    receive(0, 1, 2);
    receive(1, 1);
    expect([takenOf(budget), statuses]).toEqual([5, []]);
    stream.emit('close');
    expect(takenOf(budget)).toBe(0);
  });

  it('are refused together with what arrived when there is no more room', () => {
    const budget = new ByteBudget(4);
    const { receive, stream, statuses } = call(budget);
    receive(0, 1, 2, 3);
    expect(statuses).toEqual([]);
    receive(4);
    expect(statuses).toMatchObject([
      { code: status.RESOURCE_EXHAUSTED, details: expect.stringContaining('memory') },
    ]);
    expect(takenOf(budget)).toBe(0);
    receive(5);
    stream.emit('close');
    expect([takenOf(budget), statuses.length]).toEqual([0, 1]);
  });

  it('are refused unread where they are compressed', () => {
    const budget = new ByteBudget(10);
    const { receive, statuses } = call(budget);
    receive(1, 2, 3);
    receive(4);
    expect(statuses).toMatchObject([
      { code: status.UNIMPLEMENTED, details: expect.stringContaining('compressed') },
    ]);
    expect([statuses.length, takenOf(budget)]).toEqual([1, 0]);
  });

  it('need a stream that they can be counted on', () => {
    expect(() => boundMessages(new ByteBudget(1))({} as never, {} as never)).toThrow(
      'keeps the stream of a call elsewhere',
    );
  });
});
