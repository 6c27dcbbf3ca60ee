import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIConnectionError, APIError } from 'openai';
import { CodedError } from '#libs/errors';

import type { Repairer } from './journal.js';

/** What the paper asks ChatGPT (section 3.2, "Data post-processing"). */
export const REPAIR =
  'Fix the error in the given paragraph. Remove any repeating sentences, meaningless characters, ' +
  'not English sentences, and so on. Remove unnecessary repetition. Rewrite any incomplete sentences. ' +
  'Return directly the results without explanation. ' +
  'Return directly the input paragraph if it is already correct without explanation.';

/** Tries after the first, with growing pauses or the one that the server asks for. */
const RETRIES = 6;

export interface RepairSettings extends Repairer {
  /** Servers of one's own often want none. */
  readonly apiKey?: string;
  readonly requestsPerMinute: number;
}

export type RepairAnswer =
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly promptTokens: number;
      readonly completionTokens: number;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** A language model that repairs descriptions, behind any OpenAI-compatible endpoint. */
export class RepairModel {
  private readonly client: OpenAI;
  private nextRequest = 0;

  constructor(private readonly settings: RepairSettings) {
    const { endpoint, apiKey = 'none' } = settings;
    this.client = new OpenAI({ baseURL: endpoint, apiKey, maxRetries: RETRIES });
  }

  /** For the record: everything but the key. */
  get identity(): Repairer {
    const { endpoint, model, temperature } = this.settings;
    return { endpoint, model, temperature };
  }

  /** @throws CodedError `curation` when the endpoint cannot be used, now or at all */
  async repair(paragraph: string): Promise<RepairAnswer> {
    await this.waitForTurn();
    const { model, temperature } = this.settings;
    try {
      const { choices, usage } = await this.client.chat.completions.create({
        model,
        temperature,
        messages: [
          { role: 'system', content: REPAIR },
          { role: 'user', content: paragraph },
        ],
      });
      const [choice] = choices ?? []; // whatever the type says of a server that is not OpenAI's
      if (!choice) throw new Error('its answer holds no text. Does it speak the chat completions of OpenAI?');
      const { message, finish_reason } = choice;
      if (finish_reason === 'content_filter' || message.refusal) {
        return { kind: 'refused', reason: message.refusal ?? 'content filter' };
      }
      return {
        kind: 'answered',
        text: removeReasoning(message.content ?? ''),
        promptTokens: usage?.prompt_tokens ?? 0,
        completionTokens: usage?.completion_tokens ?? 0,
      };
    } catch (error) {
      if (isContentFilter(error)) return { kind: 'refused', reason: error.message };
      throw this.failure(error);
    }
  }

  /** Spreads requests evenly over the minute. */
  private async waitForTurn(): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.nextRequest);
    this.nextRequest = turn + 60_000 / this.settings.requestsPerMinute;
    await sleep(turn - now);
  }

  private failure(cause: unknown): CodedError {
    const { endpoint, model } = this.settings;
    const goOn = 'What is done is kept: run the same command again to go on.';
    if (cause instanceof APIConnectionError) {
      return new CodedError('curation', `${endpoint} cannot be reached. Is the address right? ${goOn}`, {
        cause,
      });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = cause instanceof APIError && cause.status === 401 ? ' Set OPENAI_API_KEY.' : '';
    return new CodedError(
      'curation',
      `${endpoint} did not repair with "${model}": ${reason}${hint} ${goOn}`,
      {
        cause,
      },
    );
  }
}

function isContentFilter(error: unknown): error is APIError {
  return error instanceof APIError && /^content_(filter|policy)/.test(error.code ?? '');
}

/** What language models write around their thoughts: DeepSeek's and Qwen's `<think>`, and names alike. */
const thought = /<(think|thinking|reasoning|analysis|scratchpad)\b[^>]*>[\s\S]*?(?:<\/\1>|$)/gi;

/** The end of thoughts whose beginning the server's template had already given to the model. */
const restOfThought = /^[\s\S]*<\/(?:think|thinking|reasoning|analysis|scratchpad)>/i;

/** A message on a channel of OpenAI's harmony format, up to the token that ends it. */
const channel =
  /<\|channel\|>\s*(\w+)[^<]*<\|message\|>([\s\S]*?)(?=<\|(?:end|return|start|channel|call)\|>|$)/g;

/** Tokens of chat templates, which a server may leave in its text: `<|im_end|>`, `<|eot_id|>`, `</s>`. */
const controlToken = /<\|[\w-]+\|>(?:assistant\b)?|<\/?s>/g;

/**
 * What a language model says, without what it thought and without tokens of its template; empty where it only thought.
 */
export function removeReasoning(reply: string): string {
  const messages = [...reply.matchAll(channel)];
  const said = messages.length > 0 ? finalMessages(messages) : reply;
  return said.replace(thought, '').replace(restOfThought, '').replace(controlToken, '').trim();
}

const finalMessages = (messages: readonly RegExpMatchArray[]) =>
  messages
    .filter(([, name]) => name === 'final')
    .map(([, , text]) => text)
    .join('\n');
