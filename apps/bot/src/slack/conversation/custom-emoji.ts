import { Injectable, Logger } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { callPatiently, errorCode, reasonOf } from '../reply/api-errors.js';
import type { SlackMessage } from './slack-message.js';

const rememberMs = 10 * 60_000;
/** Aliases of aliases are followed this far. */
const maxAliases = 5;

const emojiList = z.object({ emoji: z.record(z.string(), z.unknown()) });

const emojiName = /:([^\s:<>|]+):/g;

/** The workspace's own emoji are pictures. They count as such where a message is about them. */
@Injectable()
export class CustomEmoji {
  private known:
    | { readonly addresses: Promise<ReadonlyMap<string, string>>; readonly until: number }
    | undefined;

  constructor(
    private readonly client: WebClient,
    private readonly logger: Logger,
  ) {}

  /** The addresses of the emoji that a message is nothing but, or asks about; each once, in order. */
  async find({ text }: SlackMessage): Promise<string[]> {
    const names = [...new Set([...text.matchAll(emojiName)].flatMap(([, name]) => name ?? []))];
    if (names.length === 0 || !isAboutEmoji(text)) return [];
    const addresses = await this.findAddresses();
    return [...new Set(names.flatMap((name) => addresses.get(name) ?? []))];
  }

  private findAddresses(): Promise<ReadonlyMap<string, string>> {
    const now = Date.now();
    if (this.known === undefined || this.known.until < now)
      this.known = { addresses: this.list(), until: now + rememberMs };
    return this.known.addresses;
  }

  private async list(): Promise<ReadonlyMap<string, string>> {
    try {
      const { emoji } = emojiList.parse(await callPatiently(() => this.client.emoji.list()));
      return new Map(
        Object.keys(emoji).flatMap((name) => {
          const address = resolve(name, emoji);
          return address === undefined ? [] : [[name, address] as const];
        }),
      );
    } catch (error) {
      this.logger.warn(
        `Slack did not list the workspace's own emoji (${errorCode(error) ?? reasonOf(error)}), so they are not seen. ` +
          'Check that the app has the scope emoji:read.',
      );
      return new Map();
    }
  }
}

/** True for a text of names of emoji and nothing else. */
export function isOnlyEmoji(text: string): boolean {
  return text.replaceAll(emojiName, '').trim() === '';
}

/** In Slack's markup a mention stands beside the emoji. */
function isAboutEmoji(markup: string): boolean {
  const text = markup.replaceAll(/<[^<>]*>/g, ' ');
  return isOnlyEmoji(text) || /[?？]/.test(text);
}

/** emoji.list gives an address for each name, or `alias:` and another name. */
function resolve(name: string, emoji: Readonly<Record<string, unknown>>): string | undefined {
  let value = emoji[name];
  for (let step = 0; step < maxAliases && typeof value === 'string'; step += 1) {
    if (!value.startsWith('alias:')) return URL.canParse(value) ? value : undefined;
    value = emoji[value.slice('alias:'.length)];
  }
  return undefined;
}
