import fc from 'fast-check';
import { Graph, serialize } from '#libs/graph';
import { InferenceSession, Tensor } from '#libs/onnx-runtime';

import { Random } from './random.js';
import { Sampler, type SamplerSettings } from './sampler.js';
import { sampleInGraph } from './sampling-graph.js';

const VOCABULARY = 300;

function samplingGraph(): Uint8Array {
  const graph = new Graph();
  const perRow = (name: string, type: 'float64' | 'int64' = 'float64') =>
    graph.input(name, type, ['rows', 1]);
  const { token } = sampleInGraph(graph.input('logits', 'float32', ['rows', VOCABULARY]), {
    temperature: perRow('temperature'),
    topP: perRow('topP'),
    topK: perRow('topK', 'int64'),
    repetitionPenalty: perRow('repetitionPenalty'),
    draw: perRow('draw'),
    generated: graph.input('generated', 'bool', ['rows', VOCABULARY]),
  });
  graph.output('token', token);
  return serialize(graph);
}

describe('sampling in a graph', () => {
  let session: InferenceSession;
  beforeAll(async () => {
    session = await InferenceSession.create(samplingGraph());
  });
  afterAll(() => session.release());

  /** One row's next token after `earlier` ones. */
  async function tokenOf(logits: Float32Array, settings: SamplerSettings, earlier: number[], draw: number) {
    const generated = new Uint8Array(VOCABULARY);
    for (const id of earlier) generated[id] = 1;
    const row = (value: number) => new Tensor('float64', Float64Array.of(value), [1, 1]);
    const { token } = await session.run({
      logits: new Tensor('float32', logits, [1, VOCABULARY]),
      temperature: row(settings.temperature),
      topP: row(settings.topP),
      topK: new Tensor('int64', BigInt64Array.of(BigInt(settings.topK || VOCABULARY)), [1, 1]),
      repetitionPenalty: row(settings.repetitionPenalty),
      draw: row(draw),
      generated: new Tensor('bool', generated, [1, VOCABULARY]),
    });
    return Number(token!.data[0]);
  }

  const logit = fc.oneof(
    fc.double({ min: -12, max: 12, noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(-Infinity, -500),
  );
  const settings = fc.record({
    temperature: fc.constantFrom(0, 0.1, 0.7, 1, 1.7),
    topP: fc.constantFrom(0.01, 0.5, 0.9, 0.95, 1),
    topK: fc.constantFrom(0, 1, 2, 40, VOCABULARY, 1_000),
    repetitionPenalty: fc.constantFrom(1, 1.1, 1.5, 0.9),
    seed: fc.nat(),
  });

  it('takes the tokens that the sampler takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(logit, { minLength: VOCABULARY, maxLength: VOCABULARY }),
        settings,
        async (values, chosen) => {
          fc.pre(values.some(Number.isFinite));
          const logits = Float32Array.from(values);
          const sampler = new Sampler(chosen);
          const random = new Random(chosen.seed);
          const tokens: number[] = [];
          for (let step = 0; step < 4; step++) {
            const inGraph = await tokenOf(logits, chosen, tokens, random.next());
            tokens.push(sampler.sample(logits.slice()));
            expect(inGraph).toBe(tokens.at(-1));
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('takes none where no logit is usable', async () => {
    const plain = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 };
    for (const unusable of [Number.NaN, -Infinity]) {
      expect(await tokenOf(new Float32Array(VOCABULARY).fill(unusable), plain, [], 0.5)).toBe(-1);
    }
  });
});
