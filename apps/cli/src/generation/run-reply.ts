import {
  type EngineObservation,
  type GenerateEvent,
  type SamplingSettings,
  type Segment,
  type StatisticsListener,
  startEngine,
} from '#libs/engine';

import type { GenerationOptions } from '../commands/model-options.js';
import { remark } from '../console/output.js';

/** A finished reply as printed with --json. Times are in seconds. */
export interface FinishedReply {
  readonly text: string;
  readonly token_ids: readonly number[];
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly finish_reason: 'stop' | 'length';
  /** Between main memory and the device's own, for all decode steps; absent where the device is the processor. */
  readonly decode_transferred_bytes?: number;
  readonly timings: Readonly<Record<'image' | 'prefill' | 'first_token' | 'decode', number>>;
}

/** Adds up what decode steps moved between the processor's memory and the device's. */
class TransferCount implements StatisticsListener {
  bytes?: number;

  onObservation(observation: EngineObservation): void {
    if (observation.kind !== 'decode' || observation.transferredBytes === undefined) return;
    this.bytes = (this.bytes ?? 0) + observation.transferredBytes;
  }

  onGauges(): void {}
}

/** Loads the model, generates one reply, and closes the model. */
export async function runReply(
  options: GenerationOptions,
  segments: readonly Segment[],
  stopSequences: readonly string[],
  onText: (text: string) => void = () => {},
): Promise<FinishedReply> {
  const { model: modelPath, device, burst, threads, maxNewTokens } = options;
  const transfers = new TransferCount();
  const engine = await startEngine(
    { modelPath, device, burst, threads, slots: 1 },
    { onWarning: remark, statistics: transfers },
  );
  try {
    let text = '';
    const tokenIds: number[] = [];
    const events = engine.generate({
      segments,
      sampling: samplingOf(options),
      maxNewTokens,
      stopSequences,
    });
    for await (const event of events) {
      if (event.kind === 'delta') {
        text += event.text;
        tokenIds.push(...event.tokenIds);
        onText(event.text);
      } else if (event.kind === 'finish') {
        for (const notice of event.notices) remark(notice);
        return { ...finishedReply(text, tokenIds, event), decode_transferred_bytes: transfers.bytes };
      }
    }
    throw new Error('The engine ended the reply without finishing it.');
  } finally {
    await engine.close();
  }
}

function samplingOf(options: GenerationOptions): Partial<SamplingSettings> {
  const { temperature, topP, topK, repetitionPenalty, seed } = options;
  return { temperature, topP, topK, repetitionPenalty, seed };
}

function finishedReply(
  text: string,
  tokenIds: readonly number[],
  { reason, usage, timings }: Extract<GenerateEvent, { kind: 'finish' }>,
): FinishedReply {
  return {
    text,
    token_ids: tokenIds,
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    finish_reason: reason,
    timings: {
      image: timings.image,
      prefill: timings.prefill,
      first_token: timings.firstToken,
      decode: timings.decode,
    },
  };
}
