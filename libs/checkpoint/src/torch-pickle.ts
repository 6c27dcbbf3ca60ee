import { CheckpointError } from './errors.js';
import {
  isGlobal,
  type PickleGlobal,
  type PickleRules,
  type PickleValue,
  SkippedObject,
  unpickle,
} from './pickle.js';
import type { ElementType } from './tensor.js';

/** The classes that `torch.save` names for the memory behind tensors. */
const storageTypes: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** A block of memory that tensors are windows on, stored in an entry of its own. */
export class PickledStorage {
  constructor(
    readonly key: string,
    readonly type: ElementType,
    readonly elements: number,
  ) {}
}

/** A tensor as the pickle describes it; offset and strides count elements of the storage. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    /** PyTorch negates lazily and then writes the values with the wrong sign and `{'neg': True}` beside them. */
    readonly isNegated = false,
  ) {}
}

class StorageClass implements PickleGlobal {
  constructor(
    readonly name: string,
    readonly type: ElementType,
  ) {}

  call(): PickleValue {
    throw new TypeError(`${this.name} is not called in a checkpoint`);
  }
}

/**
 * A class or function that is passed over: its objects are {@link SkippedObject}s, which hold nothing. Nothing is run,
 * whatever it is called with.
 */
class SkippedClass implements PickleGlobal {
  constructor(readonly name: string) {}

  call(): PickleValue {
    return new SkippedObject(this.name);
  }
}

const callables: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
  'collections.OrderedDict': ([pairs]) => new Map(pairs === undefined ? [] : dictionaryItems(pairs)),
  'collections.Counter': ([counts]) => new Map(counts === undefined ? [] : dictionaryItems(counts)),
  // Called with the function that makes missing values, and filled item by item afterwards.
  'collections.defaultdict': () => new Map(),
  'torch.Size': ([sizes]) => sizes ?? [],
  '__builtin__.set': ([items]) => items ?? [],
  'builtins.set': ([items]) => items ?? [],
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': ([data]) => data ?? null,
  'torch._utils._rebuild_parameter_with_state': ([data]) => data ?? null,
  'torch._tensor._rebuild_from_type_v2': rebuildFromType,
};

/**
 * Modules whose functions reach outside the program. No checkpoint that trained anything names them, so a file that does
 * is refused by name, although naming them could do nothing here.
 */
const refused =
  /^(os|posix|nt|sys|subprocess|shutil|socket|runpy|importlib|ctypes|webbrowser|pty|code|codeop|pickle|_pickle|cloudpickle|urllib|requests|torch\.(load|hub|jit|ops|serialization)|(builtins|__builtin__)\.(eval|exec|execfile|compile|open|input|getattr|setattr|delattr|globals|locals|vars|__import__|breakpoint|apply))(\.|$)/;

/**
 * Reads the pickle of a PyTorch file. It can make dictionaries, lists, numbers, text and tensors, and nothing
 * else: a pickle is a program, and one from the internet is not to be trusted. Objects of other classes, which training
 * runs leave beside the weights, are passed over.
 *
 * @param file named in errors.
 * @throws CheckpointError `pickle-refused`, PickleError
 */
export function unpickleTorch(file: string, bytes: Uint8Array): PickleValue {
  const rules: PickleRules = {
    global(module, name) {
      const fullName = `${module}.${name}`;
      const storageType = module === 'torch' ? own(storageTypes, name) : undefined;
      if (storageType) return new StorageClass(fullName, storageType);
      const call = own(callables, fullName);
      if (call) return { name: fullName, call };
      if (refused.test(fullName)) {
        throw new CheckpointError(
          'pickle-refused',
          file,
          `${fullName} is not something a checkpoint needs; refused`,
        );
      }
      return new SkippedClass(fullName);
    },
    persistentId(id) {
      const [kind, storageClass, key, , elements] = Array.isArray(id) ? id : [];
      if (kind === 'storage' && storageClass instanceof SkippedClass) return storageClass.call();
      if (
        kind === 'storage' &&
        storageClass instanceof StorageClass &&
        typeof key === 'string' &&
        isCount(elements)
      ) {
        return new PickledStorage(key, storageClass.type, elements);
      }
      throw new CheckpointError(
        'unsupported',
        file,
        'its pickle refers to memory in a way this reader does not know',
      );
    },
  };
  return unpickle(bytes, rules);
}

/** PyTorch's own limit for tensors that are iterated over. */
const MOST_DIMENSIONS = 64;

/** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)` */
function rebuildTensor([storage, offset, shape, strides, , , metadata]: readonly PickleValue[]): PickleValue {
  if (storage instanceof SkippedObject) return storage;
  if (
    !(storage instanceof PickledStorage) ||
    !isCount(offset) ||
    !isCounts(shape) ||
    !isCounts(strides) ||
    shape.length !== strides.length ||
    shape.length > MOST_DIMENSIONS
  ) {
    throw new TypeError('a tensor is described in a way this reader does not know');
  }
  const isNegated = metadata instanceof Map && metadata.get('neg') === true;
  return new PickledTensor(storage, offset, shape, strides, isNegated);
}

/** `torch._tensor._rebuild_from_type_v2(function, class, arguments, state)`: a tensor of a subclass. */
function rebuildFromType([rebuild, , args]: readonly PickleValue[]): PickleValue {
  if (!isGlobal(rebuild) || !Array.isArray(args)) {
    throw new TypeError('a tensor is described in a way this reader does not know');
  }
  return rebuild.call(args);
}

function dictionaryItems(pairs: PickleValue): [PickleValue, PickleValue][] {
  if (pairs instanceof Map) return [...pairs];
  if (Array.isArray(pairs)) return pairs.filter((pair) => Array.isArray(pair) && pair.length === 2);
  if (pairs instanceof SkippedObject) return [];
  throw new TypeError('an OrderedDict is made from something that holds no pairs');
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}
