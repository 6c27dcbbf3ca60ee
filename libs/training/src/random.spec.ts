import { randomOrder } from './data/random-order.js';
import { Random } from './random.js';

const numbers = (random: Random, count: number) =>
  Array.from({ length: count }, () => random.next() * 2 ** 32);

describe('random numbers', () => {
  it('are those of xoshiro128+ from the digest of seed and purpose, so that a run is repeated', () => {
    // Worked out with another program after the algorithm's paper.
    expect(numbers(new Random(42, 'prompt', 17), 5)).toEqual([
      3846215941, 2014654627, 50124856, 1603220192, 2051770735,
    ]);
  });

  it('differ by seed and by purpose', () => {
    const [first] = numbers(new Random(42, 'prompt', 17), 1);
    expect(numbers(new Random(43, 'prompt', 17), 1)).not.toEqual([first]);
    expect(numbers(new Random(42, 'prompt', 18), 1)).not.toEqual([first]);
  });

  it('lie within what is asked for, evenly', () => {
    const random = new Random(1);
    const drawn = Array.from({ length: 4_000 }, () => random.between(-2, 6));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-2);
    expect(Math.min(...drawn)).toBeLessThan(-1.9);
    expect(Math.max(...drawn)).toBeLessThan(6);
    expect(Math.max(...drawn)).toBeGreaterThan(5.9);
    const counts = [0, 0, 0];
    for (let draw = 0; draw < 3_000; draw++) counts[random.below(3)]!++;
    for (const count of counts) expect(count).toBeGreaterThan(900);
    expect(counts).toHaveLength(3);
  });
});

describe('a random order', () => {
  it('holds every place once, and differs by what it is drawn from', () => {
    const order = randomOrder(50, new Random(1));
    expect([...order].sort((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, place) => place),
    );
    expect(order).not.toEqual(randomOrder(50, new Random(2)));
    expect(order).toEqual(randomOrder(50, new Random(1)));
  });

  it('lets every place come anywhere', () => {
    const places = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      for (const [index, place] of randomOrder(3, new Random(seed)).entries())
        places.add(`${place} at ${index}`);
    }
    expect(places.size).toBe(9);
    expect([randomOrder(0, new Random(1)), randomOrder(1, new Random(1))]).toEqual([[], [0]]);
  });
});
