import { RunningReplies } from './running-replies.js';

it('replies run from their begin to their end, each by channel and time', () => {
  const running = new RunningReplies();
  running.begin('C1', '1.0');
  running.begin('C2', '1.0');
  running.begin('C1', '1.0');
  expect([running.count, running.has('C1', '1.0'), running.has('C1', '2.0')]).toEqual([2, true, false]);
  running.end('C1', '1.0');
  expect([running.count, running.has('C1', '1.0'), running.has('C2', '1.0')]).toEqual([1, false, true]);
});
