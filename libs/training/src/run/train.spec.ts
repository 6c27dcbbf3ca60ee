import { requireNumbers } from './train.js';

const batch = [{ key: 'shard.tar: 7' }, { key: 'shard.tar: 9' }];
const gradients = (loss: number, last: number) => ({
  loss,
  byWeight: new Map([
    ['projection.weight', Float32Array.of(1, -2, 0)],
    ['projection.bias', Float32Array.of(1e30, last)],
  ]),
});

describe('a step', () => {
  it('is taken with numbers, however large', () => {
    expect(() => requireNumbers(3, gradients(9.5, -1e38), batch)).not.toThrow();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is not taken with a gradient of %d, though the loss is a number',
    (value) => {
      expect(() => requireNumbers(3, gradients(9.5, value), batch)).toThrow(
        /^Step 3: the gradient of projection\.bias is not a number\. The batch was shard\.tar: 7, shard\.tar: 9\./,
      );
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is not taken with a loss of %d', (loss) => {
    expect(() => requireNumbers(3, gradients(loss, 0), batch)).toThrow(
      /^Step 3: the loss is (NaN|Infinity)\./,
    );
  });
});
