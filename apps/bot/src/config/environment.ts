import { z } from 'zod';

const text = z.string().trim().min(1);
/** An empty variable, as in a copied `.env.example`, means that it is not set. */
const optional = z.preprocess((value) => (value === '' ? undefined : value), text.optional());
const withDefault = (value: string) =>
  z.preprocess((given) => (given === '' ? undefined : given), text.default(value));
const port = (value: number) =>
  z.preprocess(
    (given) => (given === '' ? undefined : given),
    z.coerce.number().int().min(0).max(65535).default(value),
  );

/** Secrets and addresses, from the environment and `.env`. */
export const environment = z.object({
  MODEL_SERVER_ADDRESS: withDefault('127.0.0.1:50051'),
  /** Where the web page listens. 0 takes any free port. */
  WEB_PORT: port(3000),
  WEB_HOST: withDefault('127.0.0.1'),
  BOT_CONFIG: withDefault('bot.config.yaml'),
  REDIS_URL: optional,

  DISCORD_TOKEN: optional,
  /** Another address of Discord's REST API, for tests. */
  DISCORD_API_URL: optional,

  SLACK_BOT_TOKEN: optional,
  /** Socket Mode. */
  SLACK_APP_TOKEN: optional,
  /** HTTP mode. */
  SLACK_SIGNING_SECRET: optional,
  SLACK_PORT: port(3001),
  /** Another address of Slack's Web API, for tests. */
  SLACK_API_URL: optional,
});

export type Environment = z.infer<typeof environment>;
