import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { loadVariables, repositoryRoot, setVariables } from '#libs/start-up';

const MEBIBYTE = 2 ** 20;

/** Every variable the model server reads, with its default; `.env.example` explains them to people. */
const environment = z.object({
  MODEL_PATH: z.string().default(join(repositoryRoot, 'models/nano')),
  VERIFY: oneOf('small', 'full', 'off').default('small'),
  DEVICE: oneOf('cpu', 'cuda', 'webgpu').default('cpu'),
  BURST: wholeNumber(1, 256).optional(),
  REPRODUCIBLE: oneOf('on', 'off').default('on'),
  THREADS: wholeNumber(1, 1_024).default(availableParallelism()),

  GRPC_ADDRESS: z.string().default('127.0.0.1'),
  GRPC_PORT: wholeNumber(1, 65_535).default(50_051),
  HTTP_ADDRESS: z.string().default('127.0.0.1'),
  HTTP_PORT: wholeNumber(1, 65_535).default(50_052),
  ALLOWED_HOSTS: z.string().default('').transform(namesIn),

  SLOTS: wholeNumber(1, 256).default(8),
  QUEUE_LIMIT: wholeNumber(0, 100_000).default(64),
  CONTEXT_LENGTH: wholeNumber(64, 1_048_576).optional(),
  PREFILL_CHUNK: wholeNumber(2, 8_192).default(128),
  PREFILL_PAUSE_MS: wholeNumber(1, 60_000).default(250),
  KV_CACHE_MIB: wholeNumber(1, 1_048_576).default(2_048),
  KV_CACHE_TYPE: oneOf('float32', 'float16').optional(),
  EMBEDDING_CACHE_MIB: wholeNumber(0, 1_048_576).default(256),

  MAX_IMAGES: wholeNumber(0, 64).default(8),
  MAX_IMAGE_BYTES: wholeNumber(1, 1_024 * MEBIBYTE).default(20 * MEBIBYTE),
  MAX_IMAGE_PIXELS: wholeNumber(1, 1_000_000_000).default(50_000_000),
  /** Whether pictures are fetched from addresses that requests name. */
  ALLOW_IMAGE_URLS: oneOf('0', '1').default('0'),
  /** The only hosts that are asked, also where they are private; any public one when empty. */
  IMAGE_URL_HOSTS: z.string().default('').transform(namesIn),

  REQUESTS_MIB: wholeNumber(1, 1_048_576).optional(),

  DRAIN_SECONDS: wholeNumber(0, 3_600).default(30),
  LOG_LEVEL: oneOf('error', 'warn', 'log', 'debug', 'verbose').default('log'),
  LOG_FORMAT: oneOf('text', 'json').default('text'),
});
export type ServerConfig = z.infer<typeof environment>;

/**
 * The variables of the process and of `.env`, checked.
 * @throws CodedError `start-up` naming each variable that has a wrong value
 */
export function loadServerConfig(): ServerConfig {
  return parseServerConfig(loadVariables());
}

/** @throws CodedError `start-up` naming each variable that has a wrong value */
export function parseServerConfig(variables: NodeJS.ProcessEnv): ServerConfig {
  const set = setVariables(variables);
  const parsed = environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(({ path: [name], message }) => {
    const variable = String(name);
    return `${variable} is "${set[variable]}", but must be ${message}.`;
  });
  throw new CodedError('start-up', `${sentences.join('\n')}\nChange it in the environment or in .env.`);
}

function wholeNumber(from: number, to: number) {
  const error = `a whole number from ${from} to ${to}`;
  return z.string().transform(Number).pipe(z.int({ error }).min(from, { error }).max(to, { error }));
}

/** Between commas or spaces. */
function namesIn(list: string): string[] {
  return list.split(/[\s,]+/).filter((name) => name !== '');
}

function oneOf<const Value extends string>(...values: Value[]) {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}
