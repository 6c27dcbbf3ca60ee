/** WebAssembly's numbers for what the loop is made of (WebAssembly Core Specification 2.0, section 5). */
const op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  getLocal: 0x20,
  setLocal: 0x21,
  teeLocal: 0x22,
  constant: 0x41,
  lessThan: 0x49,
  add: 0x6a,
  loadVector: [0xfd, 0x00],
  addVectors: [0xfd, 0xce, 0x01],
  firstLane: [0xfd, 0x1b, 0x00],
} as const;
const type = { i32: 0x7f, v128: 0x7b, function: 0x60, none: 0x40 } as const;
const section = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;

const VECTOR_BYTES = 16;
const VECTORS_PER_TURN = 32;
/** Sums that do not wait for one another. */
const SUMS = 8;
export const PAGE_BYTES = 65_536;

/** What a program of {@link readingLoop} exports: adds up all memory from byte `start` up to `end`. */
export type ReadMemory = (start: number, end: number) => number;

/**
 * A WebAssembly module that reads memory as fast as one thread can, 16 bytes an instruction: JavaScript's own loops
 * are slower than memory. It imports the shared memory `host.memory` and exports `read`.
 */
export function readingLoop(pages: number): Uint8Array<ArrayBuffer> {
  const [start, end, firstSum] = [0, 1, 2];
  const sums = Array.from({ length: SUMS }, (_, index) => firstSum + index);
  const additions = Array.from({ length: VECTORS_PER_TURN }, (_, index) => {
    const sum = sums[index % SUMS]!;
    const load = [op.getLocal, start, ...op.loadVector, 4, ...unsigned(index * VECTOR_BYTES)];
    return [op.getLocal, sum, ...load, ...op.addVectors, op.setLocal, sum];
  });
  const advance = [op.getLocal, start, op.constant, ...signed(VECTORS_PER_TURN * VECTOR_BYTES), op.add];
  const again = [op.teeLocal, start, op.getLocal, end, op.lessThan, op.branchIf, 0];
  const total = sums.flatMap((sum, index) => [op.getLocal, sum, ...(index > 0 ? op.addVectors : [])]);
  const body = [
    ...[1, SUMS, type.v128],
    ...[op.loop, type.none, ...additions.flat(), ...advance, ...again, op.end],
    ...[...total, ...op.firstLane, op.end],
  ];
  const sharedWithMaximum = 3;
  return Uint8Array.from([
    ...[...text('\0asm'), 1, 0, 0, 0],
    ...inSection(section.types, [type.function, 2, type.i32, type.i32, 1, type.i32]),
    ...inSection(section.imports, [
      ...[...named('host'), ...named('memory')],
      ...[2, sharedWithMaximum, ...unsigned(pages), ...unsigned(pages)],
    ]),
    ...inSection(section.functions, [0]),
    ...inSection(section.exports, [...named('read'), 0, 0]),
    ...inSection(section.code, [...unsigned(body.length), ...body]),
  ]);
}

/** A section with one entry. */
function inSection(id: number, entry: readonly number[]): number[] {
  return [id, ...unsigned(entry.length + 1), 1, ...entry];
}

const text = (characters: string) => [...new TextEncoder().encode(characters)];
const named = (name: string) => [name.length, ...text(name)];

/** LEB128, the lowest seven bits first. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128 of a number of 0 or above whose highest bit must not look like a sign. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}
