import type { ImageNotice } from '#libs/images';
import {
  type ChosenTokenScore,
  type Finish,
  FinishReason,
  type GenerateResponse,
  imageNoticesFromWire,
  type Place,
  type Timings,
  type Usage,
} from '#libs/protocol';

/** The end of a reply, with what it cost. */
export interface ReplyEnd {
  /** `stop`: the model ended it. `length`: the limit of new tokens, or the context length, cut it off. */
  readonly reason: 'stop' | 'length';
  readonly usage: Usage;
  /** In seconds. */
  readonly timings: Timings;
  /** The digests of the prompt's images, in order. */
  readonly imageDigests: readonly string[];
  /** What a person should know about the images. */
  readonly notices: readonly ImageNotice[];
  /** The places in the picture that the reply names, in order, by models that name places. */
  readonly places: readonly Place[];
}

/** What happened since the last event of a streamed reply. The last one is a `finish`. */
export type ReplyEvent =
  | { readonly kind: 'queued'; readonly position: number }
  | {
      readonly kind: 'delta';
      readonly text: string;
      readonly tokenIds: readonly number[];
      /** Of each token, where the request asks for `logprobs`. */
      readonly scores: readonly ChosenTokenScore[];
    }
  | ({ readonly kind: 'finish' } & ReplyEnd);

/** A whole reply. */
export interface Reply extends ReplyEnd {
  readonly text: string;
  readonly tokenIds: readonly number[];
  /** Of each token, where the request asks for `logprobs`. */
  readonly scores: readonly ChosenTokenScore[];
}

export function replyEvent({ event }: GenerateResponse): ReplyEvent {
  switch (event?.$case) {
    case 'queued':
      return { kind: 'queued', position: event.value.position };
    case 'delta':
      return {
        kind: 'delta',
        text: event.value.text,
        tokenIds: event.value.tokenIds,
        scores: event.value.scores,
      };
    case 'finish':
      return { kind: 'finish', ...replyEnd(event.value) };
    case undefined:
      throw new Error('The model server sent an event this client does not know; update the client.');
  }
}

export function replyEnd(finish: Finish | undefined): ReplyEnd {
  if (!finish?.usage || !finish.timings) {
    throw new Error('The model server ended a reply without saying how; update the client.');
  }
  const { usage, timings, imageDigests, places } = finish;
  const notices = imageNoticesFromWire(finish.notices);
  return { reason: finishReason(finish.reason), usage, timings, imageDigests, notices, places };
}

function finishReason(reason: FinishReason): ReplyEnd['reason'] {
  switch (reason) {
    case FinishReason.FINISH_REASON_STOP:
      return 'stop';
    case FinishReason.FINISH_REASON_LENGTH:
      return 'length';
    default:
      throw new Error(`The model server gave finish reason ${reason}, unknown to this client; update it.`);
  }
}
