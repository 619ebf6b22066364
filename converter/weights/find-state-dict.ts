import { ResedgeError } from '../../src/errors.ts';
import { quote } from './bytes.ts';
import { isDict, isTensor, kindOf, type PickleDict, type PickleTensor, type PickleValue } from './pickle-values.ts';

/** Keys under which training scripts keep the state dict, the first that holds tensors wins. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model'] as const;
/** Deepest wrapper in wrapper; a pickled dict may contain itself. */
const MAX_DEPTH = 4;
/** Longest tensor name, in characters. */
const MAX_NAME = 1024;
/** Most keys that an error message lists. */
const MAX_LISTED = 6;

export type StateDict = {
  readonly tensors: ReadonlyMap<string, PickleTensor>;
  /** The keys that led to it, outermost first. */
  readonly keys: readonly string[];
};

/** The state dict of a checkpoint: the value itself, or what lies under a wrapper key; everything beside it is left alone. */
export function findStateDict(value: PickleValue): StateDict {
  if (!isDict(value)) throw notFound(`a value that is ${kindOf(value)}`);
  const found = search(value, MAX_DEPTH);
  if (found !== undefined) return found;
  const holders = [...value.entries].filter(([, item]) => isDict(item) && tensorsOf(item).size > 0);
  const keys = holders.length > 0 ? holders : [...value.entries];
  const list = keys.slice(0, MAX_LISTED).map(([key]) => quote(String(typeof key === 'object' ? kindOf(key) : key)));
  throw notFound(`${holders.length > 0 ? 'tensors only under' : 'a dict with'} ${list.join(', ') || 'no keys'}`);
}

function search(dict: PickleDict, depth: number): StateDict | undefined {
  if (depth === 0) return undefined;
  for (const key of WRAPPERS) {
    const inner = dict.entries.get(key);
    const found = inner !== undefined && isDict(inner) ? search(inner, depth - 1) : undefined;
    if (found !== undefined) return { tensors: found.tensors, keys: [key, ...found.keys] };
  }
  const tensors = tensorsOf(dict);
  return tensors.size > 0 ? { tensors, keys: [] } : undefined;
}

function tensorsOf(dict: PickleDict): ReadonlyMap<string, PickleTensor> {
  const tensors = new Map<string, PickleTensor>();
  for (const [name, item] of dict.entries) {
    if (typeof name !== 'string' || !isTensor(item)) continue;
    if (name.length > MAX_NAME) {
      throw new ResedgeError(
        'limit',
        `expected tensor names of at most ${MAX_NAME} characters, received one of ${name.length}, ${quote(name)}`,
      );
    }
    tensors.set(name, item);
  }
  return tensors;
}

function notFound(received: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected a state dict (names to tensors), bare or under ${WRAPPERS.join(', ')}, received ${received}: save model.state_dict() alone`,
  );
}
