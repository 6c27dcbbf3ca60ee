import type { Prompt } from './prompt.js';
import { Sequence, type SequenceRequest } from './sequence.js';

describe('the times of a reply', () => {
  const { now } = performance;
  let seconds: number;
  beforeEach(() => {
    seconds = 100;
    performance.now = () => seconds * 1_000;
  });
  afterEach(() => {
    performance.now = now;
  });

  it('add up, phase by phase, to all of it', () => {
    const sequence = new Sequence({} as SequenceRequest, 10);
    seconds += 1;
    expect(sequence.times()).toEqual({
      image: 1,
      queue: 0,
      prefill: 0,
      decode: 0,
      firstToken: undefined,
      total: 1,
    });
    sequence.becomeReady({} as Prompt);
    seconds += 2;
    expect(sequence.times()).toMatchObject({ image: 1, queue: 2, prefill: 0, total: 3 });
    sequence.becomeAdmitted();
    seconds += 4;
    expect(sequence.times()).toMatchObject({ queue: 2, prefill: 4, decode: 0, total: 7 });
    sequence.becomeStarted();
    seconds += 8;
    sequence.becomeStarted();
    seconds += 16;
    expect(sequence.times()).toEqual({
      image: 1,
      queue: 2,
      prefill: 4,
      decode: 24,
      firstToken: 7,
      total: 31,
    });
  });
});
