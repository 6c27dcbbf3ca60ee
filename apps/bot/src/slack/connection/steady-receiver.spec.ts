import { setImmediate as turn } from 'node:timers/promises';
import { type Logger, LogLevel } from '@slack/bolt';

import { eventually } from '../../../../../test/support/eventually.js';
import { SteadyReceiver } from './steady-receiver.js';

const silence: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** A receiver whose client only counts how often it is to connect, and does so as `connect` says. */
async function started(connect: () => Promise<void> = async () => {}) {
  const reported: unknown[] = [];
  const receiver = new SteadyReceiver({ appToken: 'xapp-1', logger: silence }, (error) =>
    reported.push(error),
  );
  const counted = { receiver, reported, attempts: 0 };
  const start = async () => {
    counted.attempts++;
    if (counted.attempts > 1) await connect();
  };
  Object.assign(receiver.client, { start, disconnect: async () => {} });
  await receiver.start();
  return counted;
}

describe('a connection over Socket Mode', () => {
  it('is made again after every outage', async () => {
    const counted = await started();
    for (const outage of [1, 2, 3]) {
      counted.receiver.client.emit('disconnected');
      await turn();
      expect(counted.attempts).toBe(1 + outage);
    }
  });

  it('is made once, however often its end is told meanwhile', async () => {
    const counted = await started(() => new Promise(() => {}));
    counted.receiver.client.emit('disconnected');
    counted.receiver.client.emit('disconnected');
    await turn();
    expect(counted.attempts).toBe(2);
  });

  it('is tried until it works', async () => {
    let failures = 0;
    const counted = await started(async () => {
      failures++;
      if (failures === 1) throw new Error('Slack is away.');
    });
    counted.receiver.client.emit('disconnected');
    await eventually(() => counted.attempts === 3);
    await turn();
    counted.receiver.client.emit('disconnected');
    await turn();
    expect(counted.attempts).toBe(4);
  });

  it('is not made again after its end was wished for', async () => {
    const counted = await started();
    await counted.receiver.stop();
    counted.receiver.client.emit('disconnected');
    await turn();
    expect(counted.attempts).toBe(1);
  });

  it('survives what cannot be processed, which is reported', async () => {
    const { receiver, reported } = await started();
    receiver.client.emit('slack_event', undefined);
    await eventually(() => reported.length === 1);
    expect(reported[0]).toBeInstanceOf(TypeError);
  });
});
