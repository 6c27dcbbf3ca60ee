import { type Company, companies } from './decoder/company.js';
import type { Decoder } from './scheduling/decoder.js';
import { Prompt } from './scheduling/prompt.js';

/** A decoder whose products can be given company. */
export interface CompanionableDecoder extends Decoder {
  company: Company;
}

const TOKENS = 6;
/** Where the prompt is cut: into pieces of an odd number of tokens, the last of which some kernels compute alone. */
const CUT = 3;
/** Replies decoded together in the trial. */
const MOST_ROWS = 8;
/** Positions that the trial writes: the prompt, the token decoded after it, and a filler. */
const POSITIONS = TOKENS + 2;

/**
 * Finds out, by a few tokens on the loaded networks, whether a row's logits have the same bits alone and in company and
 * however its prompt was cut, and leaves the decoder in the least company that makes it so.
 * @returns undefined where no company does
 */
export async function proveReproducible(
  decoder: Decoder | CompanionableDecoder,
  vocabulary: number,
): Promise<Company | undefined> {
  if (decoder.capacity < POSITIONS) return undefined;
  const tokenIds = Array.from({ length: TOKENS + 1 }, (_, index) => (7 + 31 * index) % vocabulary);
  const trial = new Trial(decoder, tokenIds);
  const choices: readonly Company[] = 'company' in decoder ? companies : ['none'];

  setCompany(decoder, choices.at(-1)!);
  const expected = await trial.wholeAndAmongOthers();
  for (const company of expected ? choices : []) {
    setCompany(decoder, company);
    if (sameBits(await trial.inPiecesAndAlone(), expected!)) return company;
  }
  setCompany(decoder, 'none');
  return undefined;
}

function setCompany(decoder: Decoder | CompanionableDecoder, company: Company): void {
  if ('company' in decoder) decoder.company = company;
}

/** Logits after the prompt, and after one more token. */
type Outcome = readonly [afterPrompt: Float32Array, afterNext: Float32Array];

class Trial {
  private readonly prompt: Prompt;
  private readonly next: { readonly tokenId: number; readonly position: number };
  private readonly row: number;

  constructor(
    private readonly decoder: Decoder,
    tokenIds: readonly number[],
  ) {
    this.prompt = new Prompt([{ kind: 'text', tokenIds: tokenIds.slice(0, TOKENS) }], 1);
    this.next = { tokenId: tokenIds[TOKENS]!, position: TOKENS };
    this.row = decoder.rows - 1;
  }

  /** @returns undefined when a row's neighbours or its place among them change its bits */
  async wholeAndAmongOthers(): Promise<Outcome | undefined> {
    const afterPrompt = await this.prefill(0, TOKENS);
    const [alone] = await this.decode([this.next]);
    const rows = Math.min(this.decoder.rows, MOST_ROWS);
    for (let row = this.decoder.rows - rows; row < this.row; row++) {
      this.decoder.copyRow(this.row, row, TOKENS);
    }
    const neighbour = { tokenId: this.prompt.tokens[0] as number, position: TOKENS - 1 };
    const inputs = Array.from({ length: rows }, (_, index) => (index % 2 === 0 ? this.next : neighbour));
    const logits = await this.decode(inputs);
    const agree = inputs.every((input, index) => input === neighbour || sameBits([logits[index]!], [alone!]));
    return agree ? [afterPrompt!, alone!] : undefined;
  }

  async inPiecesAndAlone(): Promise<Outcome> {
    await this.prefill(0, CUT);
    const afterPrompt = await this.prefill(CUT, TOKENS);
    const [afterNext] = await this.decode([this.next]);
    return [afterPrompt!, afterNext!];
  }

  private async prefill(start: number, end: number): Promise<Float32Array | undefined> {
    return (await this.decoder.prefill(this.row, this.prompt, start, end))?.slice();
  }

  private async decode(inputs: readonly { tokenId: number; position: number }[]): Promise<Float32Array[]> {
    return (await this.decoder.decode(inputs)).map((logits) => logits.slice());
  }
}

function sameBits(a: readonly Float32Array[], b: readonly Float32Array[]): boolean {
  return a.every((logits, index) => Buffer.from(logits.buffer).equals(Buffer.from(b[index]!.buffer)));
}
