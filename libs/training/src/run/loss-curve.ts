const WIDTH = 800;
const HEIGHT = 400;
const MARGIN = { left: 60, right: 20, top: 20, bottom: 45 };

/** Points of a curve; more than pixels would only make the file larger. */
const MOST_POINTS = 700;

/** Steps averaged into the smooth curve, as a share of all. */
const SMOOTHING = 0.02;

/** A picture (SVG) of the loss of every step, faint, and its moving average. */
export function lossCurve(losses: readonly number[]): string {
  const [low, high] = [0, Math.max(...losses, 0.1) * 1.05];
  const x = (step: number) =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * step) / Math.max(losses.length - 1, 1);
  const y = (loss: number) =>
    HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * (loss - low)) / (high - low);
  const line = (values: readonly number[], style: string) =>
    `<polyline fill="none" ${style} points="${thinned(values)
      .map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`)
      .join(' ')}"/>`;

  const yLabels = ticks(high).map(
    (loss) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(loss)}" y2="${y(loss)}" stroke="#ddd"/>` +
      `<text x="${MARGIN.left - 8}" y="${y(loss) + 4}" text-anchor="end">${loss}</text>`,
  );
  const xLabels = ticks(losses.length).map(
    (step) => `<text x="${x(step)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${step}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">
<title>Loss by step</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>
${yLabels.join('\n')}
${xLabels.join('\n')}
${line(losses, 'stroke="#9bc" stroke-width="1" opacity="0.6"')}
${line(movingAverage(losses), 'stroke="#136" stroke-width="2"')}
<text x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">step</text>
<text x="16" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})">loss</text>
</svg>
`;
}

function movingAverage(losses: readonly number[]): number[] {
  const steps = Math.max(1, Math.round(losses.length * SMOOTHING));
  let sum = 0;
  return losses.map((loss, step) => {
    sum += loss - (losses[step - steps] ?? 0);
    return sum / Math.min(step + 1, steps);
  });
}

function thinned(values: readonly number[]): (readonly [step: number, value: number])[] {
  const every = Math.ceil(values.length / MOST_POINTS);
  return values.flatMap((value, step) =>
    step % every === 0 || step === values.length - 1 ? [[step, value] as const] : [],
  );
}

/** Round numbers from 0 to the highest, about five of them. */
function ticks(highest: number): number[] {
  const rough = highest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const count = Math.floor(highest / step) + 1;
  return Array.from({ length: count }, (_, index) => Number((index * step).toPrecision(6)));
}
