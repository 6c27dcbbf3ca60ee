import { parseBenchmarkOptions } from './arguments.js';

describe('the options of the benchmark', () => {
  it('measure everything at TinyLlama shape with peers by default', () => {
    expect(parseBenchmarkOptions([])).toMatchObject({
      shape: 'tinyllama',
      device: 'cpu',
      withoutPeers: false,
    });
    expect(parseBenchmarkOptions([])?.only).toHaveLength(7);
  });

  it('take sections separated by commas', () => {
    const options = parseBenchmarkOptions([
      '--only',
      'decode,server',
      '--without-peers',
      '--json',
      'out.json',
    ]);
    expect(options).toMatchObject({ only: ['decode', 'server'], withoutPeers: true, json: 'out.json' });
  });

  it.each([
    [['--shape', 'huge'], /tinyllama/],
    [['--only', 'decode,nothing'], /followup/],
    [['--threads', 'many'], /threads/],
  ])('refuse %j and say what there is', (args, message) => {
    expect(() => parseBenchmarkOptions(args)).toThrow(message);
  });
});
