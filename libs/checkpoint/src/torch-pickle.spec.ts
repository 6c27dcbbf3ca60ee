import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipOf } from '../../../test/support/zip-of.js';
import { flatten } from './flatten.js';
import { openCheckpoint, toFloat32 } from './index.js';
import { unpickleTorch } from './torch-pickle.js';

/** Protocol 2 pickles, written as the operations they consist of. */
const short = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const call = (name: string, args: string) => `c${name.replace(/\.(?=[^.]*$)/, '\n')}\n(${args}tR`;
const pickle = (operations: string) => Buffer.from(`\x80\x02${operations}.`, 'latin1');
const tuple = (...counts: number[]) =>
  `(${counts.map((count) => `K${String.fromCharCode(count)}`).join('')}t`;
const storage = (type: string, count: number) =>
  `(${short('storage')}ctorch\n${type}\n${short('0')}${short('cpu')}K${String.fromCharCode(count)}tQ`;
const tensor = (type: string, count: number, offset: number, shape: number[], strides: number[]) =>
  call(
    'torch._utils._rebuild_tensor_v2',
    `${storage(type, count)}K${String.fromCharCode(offset)}${tuple(...shape)}${tuple(...strides)}\x89N`,
  );

describe('the restricted unpickler', () => {
  it.each([
    'os.system',
    'posix.system',
    'builtins.eval',
    'subprocess.Popen',
    'torch.load',
    'importlib.import_module',
    '__builtin__.getattr',
  ])('refuses %s by name', (name) => {
    const bytes = pickle(call(name, short('echo owned')));
    expect(() => unpickleTorch('evil.pth', bytes)).toThrow(
      `evil.pth: ${name} is not something a checkpoint needs; refused`,
    );
  });

  it('refuses a name that is merely stored and never called', () => {
    expect(() => unpickleTorch('evil.pth', pickle('cos\nsystem\n'))).toThrow(/os\.system .+ refused/);
  });

  it.each(['torch.constructor', '__proto__.x', 'numpy.core.multiarray.scalar', 'somebody.train.Settings'])(
    'passes over an object of the class %s, and whatever is put into it',
    (name) => {
      const made = `${call(name, short('x'))}}${short('a')}K\x01sb`;
      const run = unpickleTorch('run.pth', pickle(`}(${short('odd')}${made}${short('epoch')}K\x03u`));
      expect(Object.fromEntries(flatten('run.pth', run).metadata)).toEqual({ epoch: 3 });
    },
  );

  it('passes over objects made without a call, over bytes and over sets of text', () => {
    const settings = 'cargparse\nNamespace\n)\x81}b';
    const run = pickle(
      `}(${short('args')}${settings}${short('raw')}C\x02ab${short('tags')}\x8f(${short('x')}\x90${short('epoch')}K\x03u`,
    );
    expect(Object.fromEntries(flatten('run.pth', unpickleTorch('run.pth', run)).metadata)).toEqual({
      'tags.0': 'x',
      epoch: 3,
    });
  });

  it('reads a tensor of a subclass as the tensor it is', () => {
    const args = `${storage('FloatStorage', 1)}K\0${tuple(1)}${tuple(1)}\x89N`;
    const subclass = `ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\ncsomebody\nTensor\n(${args}t}tR`;
    const { tensors } = flatten('run.pth', unpickleTorch('run.pth', pickle(`}${short('w')}${subclass}s`)));
    expect(tensors.get('w')?.shape).toEqual([1]);
  });

  it('names a tensor that is none of the ordinary kind, with a remedy', () => {
    const sparse = `}${short('w')}${call('torch._utils._rebuild_sparse_tensor', short('x'))}s`;
    expect(() => flatten('sparse.pth', unpickleTorch('sparse.pth', pickle(sparse)))).toThrow(
      /the tensor w is stored as torch\._utils\._rebuild_sparse_tensor.+save it again/,
    );
  });

  it('refuses operations that checkpoints do not use', () => {
    expect(() => unpickleTorch('odd.pth', pickle('(i__main__\nThing\n'))).toThrow(/operation 0x69/);
  });

  it.each([
    ['ends too early', Buffer.from([0x80, 2, 0x58, 9, 0, 0, 0, 65]), /ends too early/],
    ['takes from an empty stack', pickle(''), /empty stack/],
    ['recalls what it never stored', pickle('h\x07'), /never stored/],
    ['closes a group it never opened', pickle('t'), /never opened/],
    ['calls a number', pickle('K\x01)R'), /cannot be called/],
  ])('names the damage when a pickle %s', (_, bytes, message) => {
    expect(() => unpickleTorch('damaged.pth', bytes)).toThrow(message);
  });

  it('does not follow a list that holds itself', () => {
    const endless = unpickleTorch('loop.pth', pickle(']q\0h\0a'));
    expect(() => flatten('loop.pth', endless)).toThrow(/nested without end/);
  });

  it('keeps integers, floats, text and truth values of training runs', () => {
    const run = pickle(
      `}(${short('epoch')}K\x03${short('loss')}G?\xe0\0\0\0\0\0\0${short('amp')}\x88${short('seed')}\x8a\x01\xff${short('resume')}Nu`,
    );
    expect(Object.fromEntries(flatten('run.pth', unpickleTorch('run.pth', run)).metadata)).toEqual({
      epoch: 3,
      loss: 0.5,
      amp: true,
      seed: -1,
      resume: null,
    });
  });
});

describe('tensors of a PyTorch file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torch-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function readTensor(operations: string, data: Uint8Array) {
    const path = join(folder, 'weights.pth');
    const weights = pickle(`}${short('weight')}${operations}s`);
    await writeFile(path, zipOf({ 'archive/data.pkl': weights, 'archive/data/0': data }));
    const checkpoint = await openCheckpoint(path);
    try {
      return await checkpoint.read('weight');
    } finally {
      await checkpoint.close();
    }
  }

  const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

  it('are put into row-major order when they were transposed views', async () => {
    const weight = await readTensor(tensor('FloatStorage', 6, 0, [3, 2], [1, 3]), floats(1, 2, 3, 4, 5, 6));
    expect(weight.shape).toEqual([3, 2]);
    expect([...toFloat32(weight)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('may repeat their elements, as torch.expand leaves them', async () => {
    const weight = await readTensor(tensor('FloatStorage', 2, 0, [3, 2], [0, 1]), floats(1, 2));
    expect([...toFloat32(weight)]).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it.each([[[255, 255, 255]], [Array<number>(60).fill(255)]])(
    'are refused when they repeat a few elements until they are larger than the file: %j',
    async (shape) => {
      const strides = shape.map(() => 0);
      await expect(readTensor(tensor('FloatStorage', 1, 0, shape, strides), floats(1))).rejects.toThrow(
        /the tensor weight .+ repeats 4 bytes until they are more than the whole file; call \.contiguous\(\)/,
      );
    },
  );

  it('are refused with more dimensions than PyTorch has', async () => {
    const ones = Array<number>(200).fill(1);
    await expect(readTensor(tensor('FloatStorage', 1, 0, ones, ones), floats(1))).rejects.toThrow(
      /a tensor is described in a way this reader does not know/,
    );
  });

  it('may share a storage and start anywhere in it', async () => {
    const weight = await readTensor(tensor('FloatStorage', 6, 2, [2], [1]), floats(1, 2, 3, 4, 5, 6));
    expect([...toFloat32(weight)]).toEqual([3, 4]);
  });

  it('may repeat one value along an axis', async () => {
    const weight = await readTensor(tensor('FloatStorage', 2, 0, [2, 3], [1, 0]), floats(7, 8));
    expect([...toFloat32(weight)]).toEqual([7, 7, 7, 8, 8, 8]);
  });

  it('may be parameters', async () => {
    const parameter = call(
      'torch._utils._rebuild_parameter',
      `${tensor('FloatStorage', 1, 0, [1], [1])}\x88N`,
    );
    expect([...toFloat32(await readTensor(parameter, floats(2.5)))]).toEqual([2.5]);
  });

  it.each([
    ['HalfStorage', [0x3c00, 0xc000, 0x0001, 0x7c00], [1, -2, 2 ** -24, Number.POSITIVE_INFINITY]],
    ['BFloat16Storage', [0x3f80, 0xc000, 0x7f80, 0x3e20], [1, -2, Number.POSITIVE_INFINITY, 0.15625]],
  ])('of %s widen to float32 exactly', async (type, bits, values) => {
    const data = new Uint8Array(Uint16Array.from(bits).buffer);
    expect([...toFloat32(await readTensor(tensor(type, 4, 0, [4], [1]), data))]).toEqual(values);
  });

  it('of integers are not taken for weights', async () => {
    const data = new Uint8Array(BigInt64Array.of(5n).buffer);
    const weight = await readTensor(tensor('LongStorage', 1, 0, [1], [1]), data);
    expect(() => toFloat32(weight)).toThrow(/weight holds I64 values/);
  });

  it('are refused when they reach past their storage', async () => {
    await expect(readTensor(tensor('FloatStorage', 6, 0, [50], [1]), floats(1, 2))).rejects.toThrow(
      /weights\.pth: the tensor weight \[50\] needs 200 bytes of the entry data\/0, which has 8/,
    );
  });

  it('are refused when their storage is missing', async () => {
    const path = join(folder, 'weights.pth');
    const weights = pickle(`}${short('weight')}${tensor('FloatStorage', 1, 0, [1], [1])}s`);
    await writeFile(path, zipOf({ 'archive/data.pkl': weights }));
    const checkpoint = await openCheckpoint(path);
    await expect(checkpoint.read('weight')).rejects.toThrow(/the entry data\/0, which is missing/);
    await checkpoint.close();
  });

  it('are not looked for in a zip file of another kind', async () => {
    const path = join(folder, 'holiday.zip');
    await writeFile(path, zipOf({ 'beach.jpg': floats(1) }));
    await expect(openCheckpoint(path)).rejects.toThrow(/holds no data\.pkl/);
  });
});
