import { ResedgeError } from '../../src/errors.ts';
import { expectBytes, quote, readUint64 } from './bytes.ts';
import { expectKind, malformed, type PickleStorage, type PickleValue } from './pickle-values.ts';
import { type Checkpoint, expectStorageBytes } from './pytorch-zip.ts';
import { unpickle } from './unpickle.ts';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const COUNT_BYTES = 8;

/**
 * A file of torch.save before PyTorch 1.6: pickles of the magic number, the protocol, the machine, the object and the
 * storages' keys; then each storage as an int64 element count and its elements.
 */
export function readPytorchLegacy(bytes: Uint8Array): Checkpoint {
  const magic = unpickle(bytes);
  if (magic.value !== MAGIC) {
    throw new ResedgeError(
      'input',
      'expected a file of torch.save, received a plain pickle: save model.state_dict() with torch.save or as safetensors',
    );
  }
  const protocol = unpickle(bytes, magic.end);
  if (protocol.value !== PROTOCOL) {
    throw new ResedgeError(
      'unsupported',
      `expected protocol ${PROTOCOL} of PyTorch's legacy format, received another: save the weights again`,
    );
  }
  const machine = unpickle(bytes, protocol.end);
  if (expectKind(machine.value, ['dict'], 'as machine record').entries.get('little_endian') !== true) {
    throw new ResedgeError(
      'unsupported',
      'expected little-endian weights, received a file of a big-endian machine: save it again on a little-endian one',
    );
  }
  const object = unpickle(bytes, machine.end);
  const keys = unpickle(bytes, object.end);
  const { items } = expectKind(keys.value, ['list'], 'as list of storages');
  const located = locate(bytes, keys.end, items, object.storages);
  return { value: object.value, bytesOf: (key) => located.get(key)! };
}

function locate(
  bytes: Uint8Array,
  start: number,
  keys: readonly PickleValue[],
  storages: ReadonlyMap<string, PickleStorage>,
): ReadonlyMap<string, Uint8Array> {
  const located = new Map<string, Uint8Array>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || located.has(storage.key)) throw malformed('a list of the storages, each once');
    const what = `storage ${quote(storage.key)}`;
    expectStorageBytes(storage, readUint64(bytes, at, `the size of ${what}`) * storage.elementBytes);
    at += COUNT_BYTES;
    const length = storage.rootCount * storage.elementBytes;
    expectBytes(bytes, at, length, what);
    located.set(storage.key, bytes.subarray(at, at + length));
    at += length;
  }
  for (const storage of storages.values()) {
    if (!located.has(storage.key)) expectStorageBytes(storage, undefined);
  }
  return located;
}
