/** The tokens of one training example around its image. */
export interface TrainingSequence {
  /** Tokens before the image. */
  readonly before: readonly number[];
  /** Tokens between the image and the answer. */
  readonly between: readonly number[];
  /** Tokens that are to be predicted. */
  readonly answer: readonly number[];
}

/** The inputs of `trainingGraph` that say what stands where. */
export interface TrainingBatch {
  readonly textIds: BigInt64Array;
  /** `[batch, tokens]` */
  readonly rows: BigInt64Array;
  readonly shape: readonly [batch: number, tokens: number];
  readonly targetRows: BigInt64Array;
  readonly targetIds: BigInt64Array;
}

/** Any token will do. */
const PADDING_ID = 0;

/**
 * Lays out one sequence per image: the tokens before it, its visual tokens, the tokens between, the answer.
 * Rows are padded at their end; since attention looks back only, padding changes nothing. It is a text token of its
 * own, so that no gradient meets that of a token in use.
 */
export function layOutBatch(sequences: readonly TrainingSequence[], tokensPerImage: number): TrainingBatch {
  const lengths = sequences.map(
    ({ before, between, answer }) => before.length + tokensPerImage + between.length + answer.length,
  );
  const tokens = Math.max(...lengths);
  const padding = sequences.length * tokensPerImage;
  const textIds = [PADDING_ID];
  const rows = new BigInt64Array(sequences.length * tokens).fill(BigInt(padding));
  const targets: { row: number; id: number }[] = [];

  for (const [index, { before, between, answer }] of sequences.entries()) {
    let position = index * tokens;
    const place = (row: number) => {
      rows[position] = BigInt(row);
      position++;
    };
    const placeText = (id: number) => {
      place(padding + textIds.length);
      textIds.push(id);
    };
    before.forEach(placeText);
    for (let token = 0; token < tokensPerImage; token++) place(index * tokensPerImage + token);
    between.forEach(placeText);
    for (const id of answer) {
      // The position before a token is the one that predicts it.
      targets.push({ row: position - 1, id });
      placeText(id);
    }
  }
  return {
    textIds: BigInt64Array.from(textIds, BigInt),
    rows,
    shape: [sequences.length, tokens],
    targetRows: BigInt64Array.from(targets, ({ row }) => BigInt(row)),
    targetIds: BigInt64Array.from(targets, ({ id }) => BigInt(id)),
  };
}
