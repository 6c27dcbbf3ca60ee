import { CodedError } from '#libs/errors';
/** What unpickling may yield besides plain values: things that a {@link PickleRules} made. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | object;

/** A Python callable that a pickle may name, and what calling it means. */
export interface PickleGlobal {
  readonly name: string;
  call(args: readonly PickleValue[]): PickleValue;
}

/** Everything a pickle is allowed to do beyond plain containers and numbers. */
export interface PickleRules {
  /** @throws for every name that is not known. Nothing is ever looked up or imported. */
  global(module: string, name: string): PickleGlobal;
  persistentId(id: PickleValue): PickleValue;
}

/**
 * An object of a class that nobody here needs: a random generator's state, a path, a training run's settings. Nothing
 * of the class is looked up or run; what the pickle puts into the object is passed over.
 */
export class SkippedObject {
  constructor(readonly className: string) {}
}

export class PickleError extends CodedError {
  constructor(sentence: string, options?: ErrorOptions) {
    super('pickle', sentence, options);
  }
}

/**
 * Executes a pickle under `rules`: the stack machine of Python's pickletools, with the opcodes that
 * checkpoints are made of and no others. Dictionaries become maps, tuples and lists arrays.
 *
 * @throws PickleError when the stream is damaged or uses another opcode, and whatever `rules` throw.
 */
export function unpickle(bytes: Uint8Array, rules: PickleRules): PickleValue {
  return new StackMachine(bytes, rules).run();
}

class StackMachine {
  readonly view: DataView;
  private position = 0;
  private stack: PickleValue[] = [];
  private readonly outerStacks: PickleValue[][] = [];
  readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Uint8Array,
    readonly rules: PickleRules,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    try {
      for (;;) {
        const opcode = this.byte();
        if (opcode === STOP) return this.pop();
        const operation = operations.get(opcode);
        if (!operation) {
          const hexadecimal = opcode.toString(16).padStart(2, '0');
          throw new PickleError(`the pickle uses the operation 0x${hexadecimal}, which no checkpoint needs`);
        }
        operation(this);
      }
    } catch (error) {
      if (error instanceof RangeError) throw new PickleError('the pickle ends too early', { cause: error });
      throw error;
    }
  }

  /** Passes over bytes and returns where they start. */
  take(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new RangeError(`${length} bytes are missing`);
    this.position += length;
    return start;
  }

  byte(): number {
    return this.view.getUint8(this.take(1));
  }

  text(length: number): string {
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  length32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  length64(): number {
    const length = this.view.getBigUint64(this.take(8), true);
    if (length > this.bytes.length) throw new RangeError(`${length} bytes are missing`);
    return Number(length);
  }

  /** Bytes are never part of a tensor's description. */
  skipBytes(length: number): void {
    this.take(length);
    this.push(new SkippedObject('bytes'));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end === -1) throw new RangeError('a line has no end');
    const text = this.text(end - this.position);
    this.position = end + 1;
    return text;
  }

  /** A two's complement little-endian integer of any length. */
  longInteger(length: number): number {
    if (length > LONGEST_INTEGER) throw new PickleError(`the pickle holds an integer of ${length} bytes`);
    const start = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]!);
    return Number(BigInt.asIntN(8 * length, value));
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw new PickleError('the pickle takes from an empty stack');
    return value;
  }

  popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw new PickleError('the pickle takes from an empty stack');
    return this.stack.splice(-count);
  }

  sinceMark(): PickleValue[] {
    const values = this.stack;
    const outer = this.outerStacks.pop();
    if (!outer) throw new PickleError('the pickle closes a group it never opened');
    this.stack = outer;
    return values;
  }

  /** Opens a group: what follows is collected until {@link sinceMark}. */
  mark(): void {
    this.outerStacks.push(this.stack);
    this.stack = [];
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw new PickleError('the pickle looks at an empty stack');
    return value;
  }

  appendToList(values: readonly PickleValue[]): void {
    const list = this.top();
    if (list instanceof SkippedObject) return;
    if (!Array.isArray(list)) throw new PickleError('the pickle appends to something that is no list');
    for (const value of values) list.push(value);
  }

  setInDictionary(keysAndValues: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (dictionary instanceof SkippedObject) return;
    if (!(dictionary instanceof Map)) {
      throw new PickleError('the pickle sets items of something that is no dictionary');
    }
    for (let i = 0; i + 1 < keysAndValues.length; i += 2) {
      dictionary.set(keysAndValues[i]!, keysAndValues[i + 1]!);
    }
  }

  remember(key: number): void {
    this.memo.set(key, this.top());
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) throw new PickleError(`the pickle recalls number ${key}, which it never stored`);
    this.push(value);
  }

  globalFromStack(): void {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw new PickleError('the pickle names a global by something other than text');
    }
    this.push(this.rules.global(module, name));
  }

  /** @param operands a callable and the arguments it is called with; keyword arguments are passed over. */
  callGlobal(operands: readonly PickleValue[]): void {
    const [callable, args] = operands;
    if (!isGlobal(callable) || !Array.isArray(args)) {
      throw new PickleError('the pickle calls something that cannot be called');
    }
    this.push(callable.call(args));
  }

  /** Attributes set on an object: state dictionaries carry `_metadata`, which says nothing about tensors. */
  dropAttributes(): void {
    this.pop();
    this.top();
  }
}

const STOP = 0x2e;

/** In bytes: a random generator's state can be one integer of a few thousand bytes, nothing larger is. */
const LONGEST_INTEGER = 65_536;

/** The operations of Python's pickletools that Python's pickler writes in protocols 2 to 5. */
const operations: ReadonlyMap<number, (machine: StackMachine) => void> = new Map([
  [0x80 /* PROTO */, (machine) => void machine.byte()],
  [0x95 /* FRAME */, (machine) => void machine.take(8)],
  [0x4e /* NONE */, (machine) => machine.push(null)],
  [0x88 /* NEWTRUE */, (machine) => machine.push(true)],
  [0x89 /* NEWFALSE */, (machine) => machine.push(false)],
  [0x4a /* BININT */, (machine) => machine.push(machine.view.getInt32(machine.take(4), true))],
  [0x4b /* BININT1 */, (machine) => machine.push(machine.byte())],
  [0x4d /* BININT2 */, (machine) => machine.push(machine.view.getUint16(machine.take(2), true))],
  [0x8a /* LONG1 */, (machine) => machine.push(machine.longInteger(machine.byte()))],
  [0x8b /* LONG4 */, (machine) => machine.push(machine.longInteger(machine.length32()))],
  [0x47 /* BINFLOAT */, (machine) => machine.push(machine.view.getFloat64(machine.take(8), false))],
  [0x58 /* BINUNICODE */, (machine) => machine.push(machine.text(machine.length32()))],
  [0x8c /* SHORT_BINUNICODE */, (machine) => machine.push(machine.text(machine.byte()))],
  [0x8d /* BINUNICODE8 */, (machine) => machine.push(machine.text(machine.length64()))],
  [0x43 /* SHORT_BINBYTES */, (machine) => machine.skipBytes(machine.byte())],
  [0x42 /* BINBYTES */, (machine) => machine.skipBytes(machine.length32())],
  [0x8e /* BINBYTES8 */, (machine) => machine.skipBytes(machine.length64())],
  [0x96 /* BYTEARRAY8 */, (machine) => machine.skipBytes(machine.length64())],
  [0x5d /* EMPTY_LIST */, (machine) => machine.push([])],
  [0x29 /* EMPTY_TUPLE */, (machine) => machine.push([])],
  [0x7d /* EMPTY_DICT */, (machine) => machine.push(new Map())],
  [0x8f /* EMPTY_SET */, (machine) => machine.push([])],
  [0x90 /* ADDITEMS */, (machine) => machine.appendToList(machine.sinceMark())],
  [0x91 /* FROZENSET */, (machine) => machine.push(machine.sinceMark())],
  [0x28 /* MARK */, (machine) => machine.mark()],
  [0x30 /* POP */, (machine) => void machine.pop()],
  [0x31 /* POP_MARK */, (machine) => void machine.sinceMark()],
  [0x74 /* TUPLE */, (machine) => machine.push(machine.sinceMark())],
  [0x85 /* TUPLE1 */, (machine) => machine.push(machine.popMany(1))],
  [0x86 /* TUPLE2 */, (machine) => machine.push(machine.popMany(2))],
  [0x87 /* TUPLE3 */, (machine) => machine.push(machine.popMany(3))],
  [0x61 /* APPEND */, (machine) => machine.appendToList(machine.popMany(1))],
  [0x65 /* APPENDS */, (machine) => machine.appendToList(machine.sinceMark())],
  [0x73 /* SETITEM */, (machine) => machine.setInDictionary(machine.popMany(2))],
  [0x75 /* SETITEMS */, (machine) => machine.setInDictionary(machine.sinceMark())],
  [0x71 /* BINPUT */, (machine) => machine.remember(machine.byte())],
  [0x72 /* LONG_BINPUT */, (machine) => machine.remember(machine.length32())],
  [0x94 /* MEMOIZE */, (machine) => machine.remember(machine.memo.size)],
  [0x68 /* BINGET */, (machine) => machine.recall(machine.byte())],
  [0x6a /* LONG_BINGET */, (machine) => machine.recall(machine.length32())],
  [0x63 /* GLOBAL */, (machine) => machine.push(machine.rules.global(machine.line(), machine.line()))],
  [0x93 /* STACK_GLOBAL */, (machine) => machine.globalFromStack()],
  [0x51 /* BINPERSID */, (machine) => machine.push(machine.rules.persistentId(machine.pop()))],
  [0x52 /* REDUCE */, (machine) => machine.callGlobal(machine.popMany(2))],
  [0x81 /* NEWOBJ */, (machine) => machine.callGlobal(machine.popMany(2))],
  [0x92 /* NEWOBJ_EX */, (machine) => machine.callGlobal(machine.popMany(3))],
  [0x62 /* BUILD */, (machine) => machine.dropAttributes()],
]);

/** Whether a value is a class or function that the pickle may call. */
export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return typeof value === 'object' && value !== null && 'call' in value && typeof value.call === 'function';
}
