import type { Logger } from '@nestjs/common';
import { type EditSink, ReplyGoneError, type ReplyView } from '../../contract/index.js';
import { PlaceRefusedError } from './api-errors.js';
import { maxReplyLength, PostedReply } from './posted-reply.js';
import type { ReplySubject, ReplyTools } from './reply-context.js';

/** A place that may take a reply, and what the operator's log calls it. */
interface Place {
  readonly name: string;
  readonly sink: EditSink;
}

/** A reply that goes on elsewhere when Slack refuses it in its place, so that it ends in something the asker can read. */
class FallbackReply implements EditSink {
  readonly kind = 'edit';
  readonly maxLength = maxReplyLength;
  private at = 0;

  constructor(
    private readonly places: readonly Place[],
    private readonly logger: Logger,
  ) {}

  interval(): number {
    return this.places[this.at]?.sink.interval() ?? 0;
  }

  async show(index: number, view: ReplyView): Promise<void> {
    for (;;) {
      const place = this.places[this.at];
      if (place === undefined) throw new ReplyGoneError('Slack takes the reply nowhere.');
      try {
        await place.sink.show(index, view);
        return;
      } catch (error) {
        if (!(error instanceof PlaceRefusedError)) throw error;
        this.at += 1;
        const next = this.places[this.at]?.name ?? 'nowhere, so that nobody reads this answer';
        this.logger.warn(`Slack took no reply ${place.name} (${error.why}); it goes ${next}.`);
      }
    }
  }
}

/**
 * A reply in its conversation, else as a plain message there, else to the asker alone where a command can be answered
 * so, else as a direct message.
 * @param posted timestamps of messages that an earlier answer left and that this one replaces
 */
export function replyWithFallbacks(
  tools: ReplyTools,
  subject: ReplySubject,
  { posted = [], alone }: { readonly posted?: string[]; readonly alone?: EditSink } = {},
): EditSink {
  const { channel, control, words } = subject;
  const inPlace = new PostedReply(tools, subject, posted, alone);
  const plainly = new PostedReply(tools, { ...subject, threadTs: undefined }, [], alone, 'plain');
  const direct = {
    ...subject,
    channel: control.asker,
    threadTs: undefined,
    prompt: undefined,
    heading: words.slack.answeredHere(`<#${channel}>`),
  };
  return new FallbackReply(
    [
      { name: `to ${channel}`, sink: inPlace },
      { name: `as a plain message to ${channel}`, sink: plainly },
      ...(alone ? [{ name: `to ${control.asker} alone in ${channel}`, sink: alone }] : []),
      { name: `to ${control.asker} directly`, sink: new PostedReply(tools, direct) },
    ],
    tools.logger,
  );
}

/** A reply to the asker alone, else as a direct message. */
export function replyPrivately(tools: ReplyTools, subject: ReplySubject, alone: EditSink): EditSink {
  const { channel, control } = subject;
  const direct = { ...subject, channel: control.asker, threadTs: undefined, prompt: undefined };
  return new FallbackReply(
    [
      { name: `to ${control.asker} alone in ${channel}`, sink: alone },
      { name: `to ${control.asker} directly`, sink: new PostedReply(tools, direct) },
    ],
    tools.logger,
  );
}
