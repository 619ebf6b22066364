import { ResedgeError } from '../../src/errors.ts';
import { quote } from './bytes.ts';
import { storedBytes } from './decode.ts';
import {
  expectCount,
  expectKind,
  isDict,
  malformed,
  type PickleGlobal,
  type PickleOpaque,
  type PickleStorage,
  type PickleTensor,
  type PickleValue,
} from './pickle-values.ts';
import type { StoredDType } from './types.ts';

/** Most dimensions of a tensor. */
const MAX_RANK = 16;
/** Longest storage key, in characters; torch.save writes a counter or an address. */
const MAX_KEY = 128;

type Call = (args: readonly PickleValue[]) => PickleValue;

/** The only functions whose call is understood; each is done here, in a few lines, on plain data. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildOtherTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['collections.OrderedDict', makeDict],
  ['collections.Counter', makeDict],
  ['torch.Size', ([items]) => ({ kind: 'tuple', items: expectKind(items, ['tuple', 'list'], 'in torch.Size').items })],
  ['torch.device', opaque('torch.device')],
  ['builtins.set', opaque('set')],
  ['builtins.bytes', opaque('bytes')],
  ['_codecs.encode', opaque('bytes')],
  ['numpy.dtype', opaque('numpy.dtype')],
  ['numpy.core.multiarray.scalar', opaque('NumPy scalar')],
  ['numpy._core.multiarray.scalar', opaque('NumPy scalar')],
]);

type Elements = { readonly dtype?: StoredDType; readonly bytes: number };
const stored = (dtype: StoredDType): Elements => ({ dtype, bytes: storedBytes(dtype) });

const STORAGES: ReadonlyMap<string, Elements> = new Map([
  ['torch.DoubleStorage', stored('F64')],
  ['torch.FloatStorage', stored('F32')],
  ['torch.HalfStorage', stored('F16')],
  ['torch.BFloat16Storage', stored('BF16')],
  ['torch.LongStorage', stored('I64')],
  ['torch.IntStorage', stored('I32')],
  ['torch.ShortStorage', stored('I16')],
  ['torch.CharStorage', stored('I8')],
  ['torch.ByteStorage', stored('U8')],
  ['torch.BoolStorage', stored('BOOL')],
  ['torch.ComplexFloatStorage', { bytes: 8 }],
  ['torch.ComplexDoubleStorage', { bytes: 16 }],
  ['torch.QInt8Storage', { bytes: 1 }],
  ['torch.QUInt8Storage', { bytes: 1 }],
  ['torch.QInt32Storage', { bytes: 4 }],
  ['torch.storage.UntypedStorage', { bytes: 1 }],
]);

/** Element types that a checkpoint's settings may name; they carry no data. */
const DTYPES =
  /^torch\.(float(16|32|64)?|double|half|bfloat16|u?int(8|16|32|64)|int|long|short|bool|complex(64|128)|float8_[a-z0-9]{1,12})$/;

/** The global `module.name` if a state dict needs it; throws `input`, naming it, for everything else. */
export function allowGlobal(module: string, name: string): PickleGlobal {
  const full = `${module === '__builtin__' ? 'builtins' : module}.${name}`;
  if (CALLS.has(full) || STORAGES.has(full) || DTYPES.test(full)) return { kind: 'global', name: full };
  const shown = module === 'posix' || module === 'nt' ? `${full} (os.${name})` : full;
  throw new ResedgeError(
    'input',
    `refused to load ${quote(shown)}: a state dict never needs it, and nothing of it was run; save model.state_dict() alone`,
  );
}

/** The result of calling an allowed global with these arguments. */
export function callGlobal({ name }: PickleGlobal, args: readonly PickleValue[]): PickleValue {
  const call = CALLS.get(name);
  if (call === undefined) throw malformed(`a function, received the type ${name}`);
  return call(args);
}

/**
 * The storage that a persistent id stands for: `('storage', type, key, location, count[, view])`, where a view is None or
 * `(key, first, count)`.
 */
export function openStorage(id: PickleValue | undefined): PickleStorage {
  const [tag, type, key, , size, view = null] = expectKind(id, ['tuple'], 'as persistent id').items;
  const { name } = expectKind(type, ['global'], 'as storage type');
  const elements = STORAGES.get(name);
  if (tag !== 'storage' || elements === undefined || typeof key !== 'string' || key.length > MAX_KEY) {
    throw malformed('a persistent id that names a storage');
  }
  const rootCount = expectCount(size, `as size of storage ${quote(key)}`);
  const viewItems = view === null ? undefined : expectKind(view, ['tuple'], 'as storage view').items;
  const first = viewItems === undefined ? 0 : expectCount(viewItems[1], 'as start of a storage view');
  const count = viewItems === undefined ? rootCount : expectCount(viewItems[2], 'as size of a storage view');
  if (count > rootCount - first) throw malformed(`a view inside storage ${quote(key)} of ${rootCount} elements`);
  return {
    kind: 'storage',
    key,
    type: name,
    dtype: elements.dtype,
    elementBytes: elements.bytes,
    rootCount,
    first,
    count,
  };
}

/** Arguments: storage, offset, size, stride, requires_grad, backward_hooks[, metadata]. */
function rebuildTensor(args: readonly PickleValue[]): PickleTensor {
  const [storage, offset, size, stride, , , metadata = null] = args;
  if (metadata !== null && !(isDict(metadata) && metadata.entries.size === 0)) {
    throw new ResedgeError(
      'unsupported',
      'expected plain tensors, received one with a conjugate, negative or other lazy view: save tensor.clone() or model.state_dict() of the resolved model',
    );
  }
  return {
    kind: 'tensor',
    storage: expectKind(storage, ['storage'], 'as storage of a tensor'),
    offset: expectCount(offset, 'as storage offset'),
    dims: expectSizes(size, 'as tensor size'),
    strides: expectSizes(stride, 'as tensor stride'),
  };
}

/** As rebuildTensor, with the element type as seventh argument: one that has no storage class, so none of ours. */
function rebuildOtherTensor(args: readonly PickleValue[]): PickleTensor {
  const tensor = rebuildTensor(args.slice(0, 6));
  const { name } = expectKind(args[6], ['global'], 'as element type');
  return { ...tensor, storage: { ...tensor.storage, type: name, dtype: undefined } };
}

function rebuildParameter([data]: readonly PickleValue[]): PickleValue {
  return expectKind(data, ['tensor'], 'as data of a parameter');
}

/** Empty, another dict itself (never copied, so that no pickle can multiply it), or from pairs. */
function makeDict([source]: readonly PickleValue[]): PickleValue {
  const entries = new Map<PickleValue, PickleValue>();
  if (source === undefined) return { kind: 'dict', entries };
  const from = expectKind(source, ['dict', 'list', 'tuple'], 'as content of a dict');
  if (from.kind === 'dict') return from;
  for (const [key, value] of from.items.map(expectPair)) entries.set(key, value);
  return { kind: 'dict', entries };
}

function expectPair(value: PickleValue): readonly [PickleValue, PickleValue] {
  const [key, item] = expectKind(value, ['tuple', 'list'], 'as pair of a dict').items;
  if (key === undefined || item === undefined) throw malformed('a key and a value in each pair of a dict');
  return [key, item];
}

function expectSizes(value: PickleValue | undefined, where: string): readonly number[] {
  const { items } = expectKind(value, ['tuple'], where);
  if (items.length > MAX_RANK) {
    throw new ResedgeError('limit', `expected at most ${MAX_RANK} dimensions ${where}, received ${items.length}`);
  }
  return items.map((item) => expectCount(item, where));
}

function opaque(what: string): () => PickleOpaque {
  return () => ({ kind: 'opaque', what });
}
