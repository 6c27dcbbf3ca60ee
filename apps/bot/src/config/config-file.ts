import { existsSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';

import { parse, YAMLError } from 'yaml';
import { readSettings, StartUpError } from '#libs/start-up';
import { type BotConfig, botConfig } from './bot-config.js';

/**
 * Reads `bot.config.yaml`. A file that does not exist means the defaults.
 * @throws StartUpError naming each key that is not right, or when the file is not text
 */
export function readConfigFile(file: string): BotConfig {
  if (!existsSync(file)) return botConfig.parse({});
  return parseConfig(readSettings(file), file);
}

/** @throws StartUpError naming each key that is not right */
export function parseConfig(text: string, file: string): BotConfig {
  const parsed = botConfig.safeParse(parseYaml(text, file) ?? {});
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || 'the file'}: ${message}`,
  );
  throw new StartUpError(`${file} is not right:\n${wrong.join('\n')}`);
}

/** Calls back after every change of the file. Returns what ends it. */
export function watchConfigFile(file: string, changed: () => void): () => void {
  // Polling sees files that editors replace and that Kubernetes links anew, which change events do not.
  const changedOnDisk: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs) changed();
  };
  watchFile(file, { interval: 1_000, persistent: false }, changedOnDisk);
  return () => unwatchFile(file, changedOnDisk);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLError)
      throw new StartUpError(`${file} is no valid YAML: ${error.message}`, { cause: error });
    throw error;
  }
}
