import { Injectable } from '@nestjs/common';
import { AnswerCancelled } from '../contract/chat.js';
import type { Question } from '../contract/question.js';

interface RunningAnswer {
  readonly question: Question;
  readonly cancellation: AbortController;
  /** Resolves, whatever the outcome, when this answer and those before it are over. */
  readonly finished: Promise<unknown>;
}

/** The answers of this process that are running or waiting, at most one running per conversation. */
@Injectable()
export class RunningAnswers {
  private readonly byConversation = new Map<string, RunningAnswer[]>();

  /**
   * Runs an answer when it is its turn in its conversation: after the answers before it ("queue"), which are
   * stopped first when the policy is "replace". `work` gets a signal that stopping, deleting, replacing and
   * `signal` abort. `waiting` is called when there is something to wait for.
   */
  async run<Result>(
    question: Question,
    policy: 'queue' | 'replace',
    signal: AbortSignal,
    waiting: () => void,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const earlier = this.byConversation.get(question.conversation) ?? [];
    const previous = earlier.at(-1);
    if (policy === 'replace') cancelAll(earlier, new AnswerCancelled('next-question'));

    const cancellation = new AbortController();
    const combined = AbortSignal.any([signal, cancellation.signal]);
    if (previous) waiting();
    const result = awaitFinishedOrAborted(previous?.finished, combined).then(() => work(combined));
    // An answer that is cancelled while it waits still leaves the one before it to wait for.
    const finished = Promise.allSettled([previous?.finished, result]);
    const answer = { question, cancellation, finished };
    this.byConversation.set(question.conversation, [...earlier, answer]);
    try {
      return await result;
    } finally {
      this.remove(answer);
    }
  }

  /** True while the answer to a question is running or waiting. */
  has(questionId: string): boolean {
    return this.find(questionId) !== undefined;
  }

  /** Cancels the answer to a question; false when it is not running. */
  cancel(questionId: string, by: AnswerCancelled['by']): boolean {
    const answer = this.find(questionId);
    answer?.cancellation.abort(new AnswerCancelled(by));
    return answer !== undefined;
  }

  get count(): number {
    return [...this.byConversation.values()].reduce((sum, answers) => sum + answers.length, 0);
  }

  private find(questionId: string): RunningAnswer | undefined {
    return [...this.byConversation.values()].flat().find(({ question }) => question.id === questionId);
  }

  private remove(answer: RunningAnswer): void {
    const { conversation } = answer.question;
    const left = (this.byConversation.get(conversation) ?? []).filter((other) => other !== answer);
    if (left.length > 0) this.byConversation.set(conversation, left);
    else this.byConversation.delete(conversation);
  }
}

function cancelAll(answers: readonly RunningAnswer[], reason: AnswerCancelled): void {
  for (const { cancellation } of answers) cancellation.abort(reason);
}

async function awaitFinishedOrAborted(
  finished: Promise<unknown> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!finished || signal.aborted) return;
  const done = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { signal: done.signal });
  });
  await Promise.race([finished, aborted]);
  done.abort();
}
