import { existsSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { CodedError } from '#libs/errors';

import { readSettings, repositoryRoot } from '#libs/start-up';

import { type BotConfig, botConfig } from './bot-config.js';
import type { Environment } from './environment.js';

/** The file the bot reads, and whether the operator named it: one that is named has to be there. */
export function configFileOf({ BOT_CONFIG }: Pick<Environment, 'BOT_CONFIG'>): {
  readonly path: string;
  readonly named: boolean;
} {
  return { path: BOT_CONFIG ?? join(repositoryRoot, 'bot.config.yaml'), named: BOT_CONFIG !== undefined };
}

/**
 * Reads `bot.config.yaml` at start. Where none is named and there is none, the defaults hold.
 * @throws CodedError `start-up` when a named file is missing, or naming each key that is not right and its line
 */
export function readConfigFile(environment: Pick<Environment, 'BOT_CONFIG'>): BotConfig {
  const { path, named } = configFileOf(environment);
  const config = readConfigIfThere(path);
  if (config) return config;
  // On defaults everybody may ask: a slip in a name must not open the bot.
  if (named)
    throw new CodedError(
      'start-up',
      `${path}, which BOT_CONFIG names, does not exist. Correct it, or leave it empty.`,
    );
  return botConfig.parse({});
}

/** @throws CodedError `start-up` when the file is not text, and as {@link parseConfig} */
export function readConfigIfThere(path: string): BotConfig | undefined {
  return existsSync(path) ? parseConfig(readSettings(path), path) : undefined;
}

/** @throws CodedError `start-up` naming each key that is not right and its line */
export function parseConfig(text: string, file: string): BotConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error) throw new CodedError('start-up', `${file} is no valid YAML: ${error.message}`, { cause: error });
  const parsed = botConfig.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    ({ path, message }) => `  ${lineOf(path, document, lines)}${path.join('.') || 'the file'}: ${message}`,
  );
  throw new CodedError('start-up', `${file} is not right:\n${wrong.join('\n')}`);
}

/** Where a key stands, or the nearest key around it. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): string {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return `line ${lines.linePos(node.range[0]).line}, `;
  }
  return '';
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
