import { elementCount, type Tensor } from './tensor.js';

/** Opcodes of pickle's protocol 2 (Python, pickletools.py). */
const opcode = {
  protocol: 0x80,
  mark: 0x28,
  emptyDictionary: 0x7d,
  setItems: 0x75,
  text: 0x58,
  integer: 0x4a,
  false: 0x89,
  tuple: 0x74,
  emptyTuple: 0x29,
  global: 0x63,
  call: 0x52,
  persistentId: 0x51,
  stop: 0x2e,
} as const;

/**
 * The `data.pkl` of a PyTorch file: a dictionary that holds, under one name, a dictionary of float32 tensors. The
 * memory of the tensor with index i is the entry `data/i`.
 */
export function pickleTensors(wrapper: string, tensors: readonly Tensor[]): Uint8Array {
  return Buffer.concat([
    Buffer.of(opcode.protocol, 2),
    dictionary([
      [wrapper, dictionary(tensors.map((tensor, index) => [tensor.name, pickleTensor(tensor, index)]))],
    ]),
    Buffer.of(opcode.stop),
  ]);
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)` */
function pickleTensor({ name, type, shape }: Tensor, index: number): Buffer {
  if (type !== 'F32') throw new RangeError(`${name} holds ${type}; only float32 is written to PyTorch files`);
  const storage = tuple([
    text('storage'),
    global('torch', 'FloatStorage'),
    text(String(index)),
    text('cpu'),
    integer(elementCount(shape)),
  ]);
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  return call(global('torch._utils', '_rebuild_tensor_v2'), [
    Buffer.concat([storage, Buffer.of(opcode.persistentId)]),
    integer(0),
    tuple(shape.map(integer)),
    tuple(strides.map(integer)),
    Buffer.of(opcode.false),
    call(global('collections', 'OrderedDict'), []),
  ]);
}

const dictionary = (items: readonly (readonly [string, Buffer])[]) =>
  Buffer.concat([
    Buffer.of(opcode.emptyDictionary, opcode.mark),
    ...items.flatMap(([key, value]) => [text(key), value]),
    Buffer.of(opcode.setItems),
  ]);

const tuple = (items: readonly Buffer[]) =>
  items.length === 0
    ? Buffer.of(opcode.emptyTuple)
    : Buffer.concat([Buffer.of(opcode.mark), ...items, Buffer.of(opcode.tuple)]);

const call = (callable: Buffer, items: readonly Buffer[]) =>
  Buffer.concat([callable, tuple(items), Buffer.of(opcode.call)]);

const global = (module: string, name: string) =>
  Buffer.concat([Buffer.of(opcode.global), Buffer.from(`${module}\n${name}\n`)]);

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const header = Buffer.alloc(5);
  header.writeUInt8(opcode.text);
  header.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(opcode.integer);
  bytes.writeInt32LE(value, 1);
  return bytes;
}
