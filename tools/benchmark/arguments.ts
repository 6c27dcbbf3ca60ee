import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { engineOptions } from '#libs/engine';

export const sections = ['decode', 'prefill', 'streams', 'followup', 'encode', 'server', 'memory'] as const;
export type Section = (typeof sections)[number];

const { device } = engineOptions.shape;

const benchmarkShape = z.enum(['nano', 'tinyllama', '7b', 'vit-g']);
export type BenchmarkShape = z.infer<typeof benchmarkShape>;

const benchmarkOptions = z.object({
  json: z.string().optional(),
  chart: z.string().optional(),
  from: z
    .string()
    .transform((files) => files.split(','))
    .optional(),
  only: z
    .string()
    .transform((names) => names.split(','))
    .pipe(z.array(z.enum(sections)))
    .default([...sections]),
  contenders: z
    .string()
    .transform((parts) => parts.split(','))
    .optional(),
  shape: benchmarkShape.default('tinyllama'),
  device: device.default('cpu'),
  threads: z.coerce.number().int().positive().default(availableParallelism()),
  withoutPeers: z.boolean().default(false),
});
export type BenchmarkOptions = z.output<typeof benchmarkOptions>;

export const help = `Measures the engine, the server and its peers on this machine. See tools/benchmark/README.md.

  --json <file>        write every sample, the machine and the ratios
  --chart <file>       draw the chart of the README (SVG)
  --only <sections>    of ${sections.join(',')}; all by default
  --contenders <names> only those whose name contains one of these, as in "block 32,node-llama-cpp"; not for "server"
  --shape <shape>      ${benchmarkShape.options.join(', ')}: random weights of that size; tinyllama by default
  --device <device>    ${device.options.join(', ')}: where the engine runs; cpu by default
  --threads <count>    for each contender; one per core by default
  --from <files>       show the results in these JSON files together, instead of measuring
  --without-peers      leave out node-llama-cpp and transformers.js
`;

/** @returns undefined when help was asked for. @throws Error saying which option is wrong */
export function parseBenchmarkOptions(args: readonly string[]): BenchmarkOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'string' },
      chart: { type: 'string' },
      from: { type: 'string' },
      only: { type: 'string' },
      contenders: { type: 'string' },
      shape: { type: 'string' },
      device: { type: 'string' },
      threads: { type: 'string' },
      'without-peers': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const parsed = benchmarkOptions.safeParse({ ...values, withoutPeers: values['without-peers'] });
  if (parsed.success) return parsed.data;
  throw new Error(`${z.prettifyError(parsed.error)}\n\n${help}`, { cause: parsed.error });
}
