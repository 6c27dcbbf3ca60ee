import { lossCurve } from './loss-curve.js';

/** The points of a drawing's two lines, the losses and their moving average. */
const linesOf = (svg: string) =>
  [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = '']) =>
    points.split(' ').map((point) => point.split(',').map(Number)),
  );
const labelsOf = (svg: string, anchor: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([\d.]+)</g)]
    .filter(([, , , found]) => found === anchor)
    .map(([, x, y, , label]) => [Number(label), Number(x), Number(y)]);

describe('the picture of the losses', () => {
  // 800 by 400 with margins of 60, 20, 20 and 45: the curve has 720 by 335, and the highest loss is 1/1.05 up.
  const heightOf = (loss: number, highest: number) => 355 - (335 * loss) / (1.05 * highest);

  it('draws each step from left to right and each loss from the ground up', () => {
    const [losses] = linesOf(lossCurve([20, 10, 0]));
    expect(losses).toEqual([
      [60, 36],
      [420, 195.5],
      [780, 355],
    ]);
    expect([heightOf(20, 20), heightOf(10, 20)].map((y) => y.toFixed(1))).toEqual(['36.0', '195.5']);
  });

  it('names losses and steps at round numbers', () => {
    const svg = lossCurve([20, 10, 0]);
    const losses = labelsOf(svg, 'end');
    expect(losses.map(([loss]) => loss)).toEqual([0, 5, 10, 15, 20]);
    for (const [loss, x, y] of losses) {
      expect(x).toBe(52);
      expect(y).toBeCloseTo(heightOf(loss!, 20) + 4, 6);
      expect(svg).toContain(`<line x1="60" x2="780" y1="${y! - 4}" y2="${y! - 4}"`);
    }
    expect(labelsOf(lossCurve(Array(11).fill(1)), 'middle')).toEqual(
      [0, 5, 10].map((step) => [step, 60 + 72 * step, 373]),
    );
  });

  it.each([
    [4.7, [0, 1, 2, 3, 4]],
    [10 / 1.05, [0, 2, 4, 6, 8, 10]],
    [0.8, [0, 0.2, 0.4, 0.6, 0.8]],
    [40, [0, 10, 20, 30, 40]],
    [0, [0, 0.05, 0.1]],
  ])('names losses up to %d by %j', (highest, labels) => {
    expect(labelsOf(lossCurve([highest]), 'end').map(([loss]) => loss)).toEqual(labels);
  });

  it('stands where its parts belong', () => {
    const svg = lossCurve([1]);
    expect(svg).toContain('viewBox="0 0 800 400"');
    expect(svg).toContain('<rect width="800" height="400" fill="white"/>');
    expect(svg).toContain('<text x="400" y="392" text-anchor="middle">step</text>');
    expect(svg).toContain(
      '<text x="16" y="200" text-anchor="middle" transform="rotate(-90 16 200)">loss</text>',
    );
    expect(linesOf(svg)[0]).toEqual([[60, 36]]);
  });

  it('averages over the last fiftieth of the steps', () => {
    // Of 150 steps three: 0, 0, 0, 3, 0, 0, 0 … gives 0, 0, 0, 1, 1, 1, 0 …
    const losses = Array(150).fill(0).fill(3, 3, 4);
    const [, average] = linesOf(lossCurve(losses));
    const high = heightOf(1, 3).toFixed(1);
    expect(average!.slice(0, 8).map(([, y]) => y!.toFixed(1))).toEqual([
      '355.0',
      '355.0',
      '355.0',
      high,
      high,
      high,
      '355.0',
      '355.0',
    ]);
    // The first steps have fewer before them.
    const early = linesOf(lossCurve(Array(150).fill(0).fill(3, 0, 1)))[1]!;
    expect(early.slice(0, 4).map(([, y]) => y)).toEqual(
      [3, 1.5, 1, 0].map((mean) => Number(heightOf(mean, 3).toFixed(1))),
    );
  });

  it('of few steps averages nothing', () => {
    const [losses, average] = linesOf(lossCurve([3, 1, 2]));
    expect(average).toEqual(losses);
  });

  it.each([
    [700, 700],
    [701, 351],
    [1_400, 701],
    [2_100, 701],
  ])('draws %d steps by %d points, the last among them', (steps, points) => {
    const [losses] = linesOf(lossCurve(Array.from({ length: steps }, (_, step) => step + 1)));
    expect(losses).toHaveLength(points);
    expect(losses!.at(-1)).toEqual([780, 36]);
  });
});
