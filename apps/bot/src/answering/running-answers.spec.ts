import { AnswerCancelled } from '../contract/chat.js';
import type { Question } from '../contract/question.js';
import { RunningAnswers } from './running-answers.js';

const never = new AbortController().signal;

const question = (id: string, conversation = 'thread'): Question => ({
  platform: 'discord',
  id,
  conversation,
  asker: { id: 'ada', roles: [], moderator: false },
  place: { channel: 'zoo', direct: false },
  locale: 'en',
  wish: { kind: 'chat' },
  readMessages: async () => [],
});

describe('answers of one conversation', () => {
  let running: RunningAnswers;
  let order: string[];

  beforeEach(() => {
    running = new RunningAnswers();
    order = [];
  });

  /** Answers until it is stopped or the test ends it. */
  function start(id: string, policy: 'queue' | 'replace' = 'queue', conversation?: string) {
    const finish = new AbortController();
    const answer = running.run(
      question(id, conversation),
      policy,
      never,
      () => order.push(`${id} waits`),
      async (stop) => {
        order.push(`${id} begins`);
        const reason = await new Promise<unknown>((resolve) => {
          if (stop.aborted) resolve(stop.reason);
          stop.addEventListener('abort', () => resolve(stop.reason));
          finish.signal.addEventListener('abort', () => resolve(undefined));
        });
        const by = reason instanceof AnswerCancelled ? reason.by : 'itself';
        order.push(`${id} ended by ${by}`);
      },
    );
    return { answer, finish: () => finish.abort() };
  }

  it('are given one after the other', async () => {
    const first = start('1');
    const second = start('2');
    await turns();
    expect(order).toEqual(['2 waits', '1 begins']);
    first.finish();
    await first.answer;
    await turns();
    second.finish();
    await second.answer;
    expect(order).toEqual(['2 waits', '1 begins', '1 ended by itself', '2 begins', '2 ended by itself']);
    expect(running.count).toBe(0);
  });

  it('replace each other when the operator wants that', async () => {
    const first = start('1', 'replace');
    await turns();
    const second = start('2', 'replace');
    await first.answer;
    await turns();
    second.finish();
    await second.answer;
    expect(order).toEqual([
      '1 begins',
      '2 waits',
      '1 ended by next-question',
      '2 begins',
      '2 ended by itself',
    ]);
  });

  it('do not wait for those of other conversations', async () => {
    const first = start('1');
    const second = start('2', 'queue', 'another thread');
    await turns();
    expect(order).toEqual(['1 begins', '2 begins']);
    first.finish();
    second.finish();
    await Promise.all([first.answer, second.answer]);
  });

  it('can be cancelled while they wait, and the next still waits for the first', async () => {
    const first = start('1');
    const second = start('2');
    const third = start('3');
    await turns();
    expect(running.cancel('2', 'asker')).toBe(true);
    await second.answer;
    await turns();
    expect(order).toEqual(['2 waits', '3 waits', '1 begins', '2 begins', '2 ended by asker']);
    first.finish();
    await first.answer;
    await turns();
    third.finish();
    await third.answer;
    expect(order.slice(-2)).toEqual(['3 begins', '3 ended by itself']);
  });

  it('go on after one of them failed', async () => {
    const failing = running.run(
      question('1'),
      'queue',
      never,
      () => {},
      async () => {
        throw new Error('no');
      },
    );
    const second = start('2');
    await expect(failing).rejects.toThrow('no');
    await turns();
    second.finish();
    await second.answer;
    expect(running.count).toBe(0);
  });

  it('cannot be cancelled when they are over', async () => {
    const first = start('1');
    await turns();
    first.finish();
    await first.answer;
    expect(running.cancel('1', 'asker')).toBe(false);
    expect(running.has('1')).toBe(false);
  });
});

/** Lets everything that can go on go on. */
const turns = () => new Promise((resolve) => setImmediate(resolve));
