import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Engine, startEngine } from '#libs/engine';
import type { OptConfig } from '#libs/minigpt4';
import {
  openModelPackage,
  type Quantization,
  verifyModelPackage,
  writeRandomPackage,
} from '#libs/model-package';

import {
  decodeRate,
  greedyTextModel,
  RandomPrompts,
  randomPicture,
  shapes,
  totalDecodeRate,
} from './index.js';

const architecture = {
  ...shapes.nano,
  vision: { ...shapes.nano.vision, imageSize: 28, depth: 1 },
  qFormer: { ...shapes.nano.qFormer!, layers: 1 },
  decoder: { ...shapes.nano.decoder, layers: 2, vocabulary: 600, contextLength: 128 },
};

const opt: OptConfig = {
  kind: 'opt',
  hidden: 256,
  layers: 2,
  heads: 8,
  keyValueHeads: 8,
  intermediate: 512,
  vocabulary: 600,
  contextLength: 128,
  layerNormEpsilon: 1e-5,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'random-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function withEngine(quantization: Quantization, use: (engine: Engine) => Promise<void>): Promise<void> {
  const out = join(folder, quantization.kind);
  await writeRandomPackage({ architecture, quantization, out });
  const engine = await startEngine({ modelPath: out, device: 'cpu', slots: 2 });
  try {
    await use(engine);
  } finally {
    await engine.close();
  }
}

describe('a model of random weights', () => {
  it.each<Quantization>([{ kind: 'none' }, { kind: 'int8' }, { kind: 'int4', blockSize: 32 }])(
    'runs as $kind, in letters, as long as it is asked to',
    (quantization) =>
      withEngine(quantization, async (engine) => {
        const prompt = new RandomPrompts(600).next(20);
        const { tokens } = await engine.countTokens([{ kind: 'text', text: prompt }]);
        expect(tokens).toBe(21);

        let count = 0;
        const reply = await greedyTextModel(engine).generate(prompt, 30, () => count++);
        expect(count).toBe(30);
        expect([...reply]).toHaveLength(30);
        expect(reply).toMatch(/^\p{Script=Han}+$/u);
        expect(new Set(reply).size).toBeGreaterThan(5);
        const again = await engine.countTokens([{ kind: 'text', text: prompt + reply }]);
        expect(again.tokens).toBe(51);
      }),
  );

  it.each([
    { family: 'blip2-opt', template: 'question-answer', decoder: opt, text: undefined },
    {
      family: 'instructblip-vicuna',
      template: 'instruction',
      decoder: architecture.decoder,
      text: { vocabulary: 9, positions: 40, maxTokens: 32 },
    },
  ])(
    'looks at a picture as $family where it has its networks',
    async ({ family, template, decoder, text }) => {
      const out = join(folder, family);
      const manifest = await writeRandomPackage({
        architecture: { ...architecture, decoder, qFormer: { ...architecture.qFormer, text } },
        quantization: { kind: 'int4', blockSize: 32 },
        encoderQuantization: { kind: 'int8' },
        out,
      });
      expect(manifest).toMatchObject({ family, template });
      const engine = await startEngine({ modelPath: out, device: 'cpu', slots: 2 });
      try {
        const picture = { kind: 'image', image: { kind: 'bytes', bytes: await randomPicture() } } as const;
        let tokens = 0;
        for await (const event of engine.generate({
          segments: [picture, { kind: 'text', text: '的是' }],
          maxNewTokens: 5,
          stopSequences: [],
        })) {
          if (event.kind === 'finish') tokens = event.usage.completionTokens;
        }
        expect(tokens).toBe(5);
      } finally {
        await engine.close();
      }
    },
  );

  it('is a whole package, and the same again for the same seed', async () => {
    const make = async (name: string, seed: number) => {
      const out = join(folder, name);
      const manifest = await writeRandomPackage({ architecture, quantization: { kind: 'none' }, out, seed });
      await verifyModelPackage(await openModelPackage(out));
      return manifest.digests['decoder.safetensors'];
    };
    const first = await make('first', 7);
    expect(await make('again', 7)).toBe(first);
    expect(await make('other', 8)).not.toBe(first);
  });
});

describe('rates', () => {
  /** One token every 2 ms of a clock of its own: rates are exact whatever the machine does. */
  const steady = {
    async generate(_prompt: string, newTokens: number, onToken: () => void) {
      for (let token = 0; token < newTokens; token++) {
        clock += 2;
        await Promise.resolve();
        onToken();
      }
      return '';
    },
  };
  let clock = 0;
  const realNow = performance.now;
  beforeEach(() => {
    clock = 0;
    performance.now = () => clock;
  });
  afterEach(() => {
    performance.now = realNow;
  });

  it('count the tokens after the first', async () => {
    expect(await decodeRate(steady, 'prompt', 11)).toBeCloseTo(500);
  });

  it('of several streams are of the time in which all run', async () => {
    expect(await totalDecodeRate(steady, ['a', 'b'], 50)).toBeCloseTo(500, -2);
  });

  it('are not given for a model that stops early', async () => {
    await expect(decodeRate({ generate: async () => '' }, 'prompt', 5)).rejects.toThrow('0 tokens where 5');
  });
});
