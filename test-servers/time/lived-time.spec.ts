import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../../test/support/eventually.js';
import { LivedTime } from './lived-time.js';

it('passes, but not while this process is kept waiting', async () => {
  const time = new LivedTime();
  await eventually(() => time.now() > 200);
  const before = time.now();
  // As a busy machine does to the whole process.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  await sleep(1);
  expect(time.now() - before).toBeLessThan(500);
  time.close();
});
