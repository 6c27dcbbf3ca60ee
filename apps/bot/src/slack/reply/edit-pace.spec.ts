import { EditPace } from './edit-pace.js';

const start = 1_000_000;

it('leaves a second between the edits of one channel', () => {
  const pace = new EditPace({ count: 1 });
  pace.noteEdit('C1', start);
  expect(pace.interval('C1', start + 999)).toBe(1);
  expect(pace.interval('C1', start + 1_000)).toBe(0);
  expect(pace.interval('C2', start + 1)).toBe(0);
});

it('keeps a part of the minute for the last edits of answers', () => {
  const pace = new EditPace({ count: 1 });
  for (let edit = 0; edit < 40; edit += 1) pace.noteEdit(`C${edit}`, start + edit);
  expect(pace.interval('C99', start + 100)).toBe(60_000 - 100);
  expect(pace.interval('C99', start + 60_000)).toBe(0);
});

it('waits as long as Slack asks', () => {
  const pace = new EditPace({ count: 1 });
  pace.noteRefusal(7, start);
  expect(pace.interval('C1', start)).toBe(7_000);
  expect(pace.interval('C1', start + 7_000)).toBe(0);
});

it('leaves the whole minute to the last edits when many answers are being written', () => {
  const answers = (count: number) => new EditPace({ count });
  expect(answers(49).interval('C1', start)).toBe(0);
  expect(answers(50).interval('C1', start)).toBe(60_000);
});
