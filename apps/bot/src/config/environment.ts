import { z } from 'zod';
import { CodedError } from '#libs/errors';

import { loadVariables, setVariables } from '#libs/start-up';

const port = z.coerce.number().int().min(0).max(65_535);

function namesIn(list: string): string[] {
  return list.split(/[\s,]+/).filter(Boolean);
}

/** Secrets and addresses. Every variable the bot reads; `.env.example` explains them to people. */
const environment = z.object({
  /** `host:port`, or another gRPC target such as `dns:///models:50051`. */
  MODEL_SERVER_ADDRESS: z.string().default('127.0.0.1:50051'),
  WEB_HOST: z.string().default('127.0.0.1'),
  /** 0 takes any free port. */
  WEB_PORT: port.default(3_000),
  /** `bot.config.yaml` in the repository's folder, if there is one, when not set. */
  BOT_CONFIG: z.string().optional(),
  /** Names by which browsers may ask the page, beside addresses and localhost. */
  ALLOWED_HOSTS: z.string().default('').transform(namesIn),
  /** Addresses and networks of reverse proxies, whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: z.string().default('').transform(namesIn),
  LOG_FORMAT: z.enum(['text', 'json']).default('text'),
  REDIS_URL: z.url().optional(),

  DISCORD_TOKEN: z.string().optional(),
  /** Another address of Discord's REST API, for tests. */
  DISCORD_API_URL: z.url().optional(),

  SLACK_BOT_TOKEN: z.string().optional(),
  /** For Socket Mode. */
  SLACK_APP_TOKEN: z.string().optional(),
  /** For HTTP mode. */
  SLACK_SIGNING_SECRET: z.string().optional(),
  SLACK_PORT: port.default(3_001),
  /** Another address of Slack's Web API, for tests. */
  SLACK_API_URL: z.url().optional(),
});

export type Environment = z.infer<typeof environment>;

/**
 * The variables of the process and of `.env`, checked.
 * @throws CodedError `start-up` naming each variable that has a wrong value
 */
export function loadEnvironment(): Environment {
  return parseEnvironment(loadVariables());
}

/** @throws CodedError `start-up` naming each variable that has a wrong value */
export function parseEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const parsed = environment.safeParse(setVariables(variables));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new CodedError(
    'start-up',
    `These environment variables (or lines of .env) are not right:\n${wrong.join('\n')}`,
  );
}
