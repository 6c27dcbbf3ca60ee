import type { BurstDecoder, Decoder } from './decoder.js';
import type { RunningSequence, SequenceRequest } from './sequence.js';

/** A reply's next token, or what its sampler makes it from. */
export type TokenChoice =
  | { readonly kind: 'logits'; readonly logits: Float32Array }
  | { readonly kind: 'token'; readonly token: number };

/**
 * Runs the network once for sequences in the last rows: for one token of each, or for several where the decoder
 * works in bursts.
 * @returns each sequence's next tokens in order
 */
export async function nextTokens(
  decoder: Decoder | BurstDecoder,
  batch: readonly RunningSequence[],
): Promise<readonly (readonly TokenChoice[])[]> {
  const inputs = batch.map(({ sequence, slot, lastToken }) => ({
    tokenId: lastToken,
    position: slot.tokens.length,
    sampler: sequence.request.sampler,
  }));
  if ('decodeBurst' in decoder) {
    const tokens = await decoder.decodeBurst(inputs, stepsOfBurst(decoder, batch));
    return tokens.map((row) => row.map((token): TokenChoice => ({ kind: 'token', token })));
  }
  const logits = await decoder.decode(inputs);
  return logits.map((row): TokenChoice[] => [{ kind: 'logits', logits: row }]);
}

/** No more than the longest reply goes on, and than every row still holds. */
function stepsOfBurst({ burstLength, capacity }: BurstDecoder, batch: readonly RunningSequence[]): number {
  const wanted = Math.max(
    ...batch.map(({ sequence, completionTokens }) => sequence.maxNewTokens - completionTokens),
  );
  const room = capacity - Math.max(...batch.map(({ slot }) => slot.tokens.length));
  return Math.min(burstLength, wanted, room);
}

export function chosenToken(sampler: SequenceRequest['sampler'], choice: TokenChoice): number {
  switch (choice.kind) {
    case 'logits':
      return sampler.sample(choice.logits);
    case 'token':
      sampler.accept(choice.token);
      return choice.token;
  }
}
