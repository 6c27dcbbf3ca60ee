import { Injectable, Logger } from '@nestjs/common';
import { WebClient } from '@slack/web-api';
import type { Words } from '../../words/index.js';
import { EditPace } from './edit-pace.js';
import type { Control, Prompt, ReplyRecord } from './reply-record.js';
import { RunningReplies } from './running-replies.js';

/** What all replies of the app share. */
@Injectable()
export class ReplyTools {
  constructor(
    /** Rejects calls over the rate instead of waiting in silence. */
    readonly client: WebClient,
    readonly pace: EditPace,
    readonly running: RunningReplies,
    readonly logger: Logger,
  ) {}
}

/** What one reply is about. */
export interface ReplySubject {
  readonly channel: string;
  /** The thread to answer in; none begins one below the reply itself. */
  readonly threadTs: string | undefined;
  readonly control: Control;
  /** Set where no message of the conversation asks the question. */
  readonly prompt: Prompt | undefined;
  /** mrkdwn above the answer that says what was asked. */
  readonly heading: string | undefined;
  readonly words: Words;
}

export function recordFor(subject: ReplySubject, state: ReplyRecord['state']): ReplyRecord {
  return { state, ...subject.control, prompt: subject.prompt };
}
