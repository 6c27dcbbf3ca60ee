import { type Company, fillersBeside } from './decoder/company.js';
import { proveReproducible } from './prove-reproducible.js';
import type { DecodeInput, Decoder } from './scheduling/decoder.js';
import type { Prompt } from './scheduling/prompt.js';

/** Whether a row gets the kernel whose last bits are others, among so many rows of a product. */
type OtherKernel = (row: number, rows: number) => boolean;

const LAST_BIT = 2 ** -8;

/** A decoder of one kernel or two. A position's state goes into the logits after it and after all later ones. */
class DecoderOfKernels implements Decoder {
  readonly capacity = 16;
  company: Company = 'none';
  private readonly states: number[][];

  constructor(
    private readonly otherKernel: OtherKernel,
    readonly rows = 8,
    /** What attention adds where a token is computed together with others of its row. */
    private readonly attention = 0,
  ) {
    this.states = Array.from({ length: rows }, () => []);
  }

  async prefill(row: number, prompt: Prompt, start: number, end: number) {
    const rows = end - start + fillersBeside(end - start, this.company);
    for (let position = start; position < end; position++) {
      const state = this.product(Number(prompt.tokens[position]), position - start, rows);
      this.states[row]![position] = state + this.attention;
    }
    return end === prompt.tokens.length ? this.logits(row, end) : undefined;
  }

  async decode(inputs: readonly DecodeInput[]) {
    const rows = inputs.length + fillersBeside(inputs.length, this.company);
    return inputs.map(({ tokenId, position }, index) => {
      const row = this.rows - inputs.length + index;
      this.states[row]![position] = this.product(tokenId, index, rows);
      return this.logits(row, position + 1);
    });
  }

  copyRow(from: number, to: number, positions: number): void {
    this.states[to] = this.states[from]!.slice(0, positions);
  }

  swapRows(): void {}

  private product(value: number, row: number, rows: number): number {
    return value + (this.otherKernel(row, rows) ? LAST_BIT : 0);
  }

  private logits(row: number, positions: number): Float32Array {
    return Float32Array.of(this.states[row]!.slice(0, positions).reduce((sum, state) => sum + state, 0));
  }
}

const oneKernel: OtherKernel = () => false;
const forALoneRow: OtherKernel = (_, rows) => rows === 1;
const forTheOddOne: OtherKernel = (row, rows) => rows % 2 === 1 && row === rows - 1;

describe('the trial of whether replies are reproducible', () => {
  it.each([
    ['one kernel', oneKernel, 'none'],
    ['a kernel for a row alone', forALoneRow, 'never-alone'],
    ['a kernel for the odd row', forTheOddOne, 'in-pairs'],
  ] as const)('finds with %s that the least company is enough', async (_, kernel, company) => {
    for (const rows of [8, 2, 1]) {
      const decoder = new DecoderOfKernels(kernel, rows);
      expect(await proveReproducible(decoder, 1_000)).toBe(company);
      expect(decoder.company).toBe(company);
    }
  });

  it.each<[string, OtherKernel]>([
    ['a row by its place', (row) => row === 0],
    ['few rows', (_, rows) => rows < 5],
    ['many rows', (_, rows) => rows > 6],
  ])('finds that nothing helps where kernels treat %s in another way', async (_, kernel) => {
    const decoder = new DecoderOfKernels(kernel);
    expect(await proveReproducible(decoder, 1_000)).toBeUndefined();
    expect(decoder.company).toBe('none');
  });

  it('accepts that replies are attended to in another way than prompts, since none is used as a prompt', async () => {
    expect(await proveReproducible(new DecoderOfKernels(oneKernel, 8, LAST_BIT), 1_000)).toBe('none');
  });

  it('proves nothing without room for its tokens', async () => {
    const decoder = Object.assign(new DecoderOfKernels(oneKernel), { capacity: 7 });
    expect(await proveReproducible(decoder, 1_000)).toBeUndefined();
  });
});

describe('rows of zeros', () => {
  it('go beside a row that a thread would be left with alone, or beside any odd number', () => {
    const besides = (company: Company) =>
      [1, 2, 3, 128, 129, 130, 257].map((rows) => fillersBeside(rows, company));
    expect(besides('none')).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(besides('never-alone')).toEqual([1, 0, 0, 0, 1, 0, 1]);
    expect(besides('in-pairs')).toEqual([1, 0, 1, 0, 1, 0, 1]);
  });
});
