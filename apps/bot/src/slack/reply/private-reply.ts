import type { EditSink, ReplyView } from '../../contract/index.js';
import type { Words } from '../../words/index.js';
import { PlaceRefusedError } from './api-errors.js';
import { maxReplyLength } from './posted-reply.js';
import { plainContent, replyContent } from './reply-format.js';

/** A response_url takes five responses in thirty minutes (Slack docs, "Handling user interaction"). */
const maxResponses = 5;
const responseTimeoutMs = 10_000;

/**
 * A reply that only the asker sees, through the response_url of a command or shortcut. It works in conversations
 * that the app is not in, but cannot carry streaming: it shows that the bot is looking, and then the answer.
 */
export class PrivateReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxReplyLength;
  private responses = 0;

  constructor(
    private readonly responseUrl: string,
    private readonly words: Words,
    private readonly heading?: string,
  ) {}

  interval(): number {
    return 1_000;
  }

  async show(index: number, view: ReplyView): Promise<void> {
    const isEnd = view.state !== 'thinking' && view.state !== 'streaming';
    if (!isEnd && this.responses > 0) return;
    if (this.responses === maxResponses) throw new PlaceRefusedError('used_url');
    const shown = isEnd ? view : { ...view, text: '', status: view.status ?? this.words.thinking };
    const heading = index === 0 ? this.heading : undefined;
    const replace_original = index === 0 && this.responses > 0;
    const common = { response_type: 'ephemeral', replace_original };
    this.responses += 1;
    try {
      const content = replyContent(shown, undefined, this.words, heading);
      await respond(this.responseUrl, { ...content, ...common });
    } catch (error) {
      if (!(error instanceof PlaceRefusedError) || !/block|too_long/.test(error.why)) throw error;
      this.responses += 1;
      await respond(this.responseUrl, { ...plainContent(shown, heading), ...common });
    }
  }
}

/** Tells the person who pressed or typed something, below what is there. */
export function tellPrivately(responseUrl: string, text: string): Promise<void> {
  return respond(responseUrl, { text, response_type: 'ephemeral', replace_original: false });
}

/** Answers an interaction at its response_url. */
async function respond(responseUrl: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(responseTimeoutMs),
  });
  const text = await answer.text();
  if (answer.ok) return;
  throw new PlaceRefusedError(`response_url: ${answer.status} ${text.slice(0, 100)}`);
}
