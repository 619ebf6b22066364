import { ResedgeError } from '../../src/errors.ts';
import { decodeLatin1, quote } from './bytes.ts';
import type { PickleStorage, PickleValue } from './pickle-values.ts';
import { unpickle } from './unpickle.ts';
import { readZip } from './zip.ts';

/** A checkpoint read from a container, its storages located but not decoded. */
export type Checkpoint = {
  readonly value: PickleValue;
  /** The bytes of a whole storage, as long as its type and size say. */
  readonly bytesOf: (key: string) => Uint8Array;
};

/** Longest text of the byte order record: `little` or `big`. */
const MAX_BYTE_ORDER = 16;

/** A file of torch.save since PyTorch 1.6: `<root>/data.pkl` beside one entry `<root>/data/<key>` for each storage. */
export function readPytorchZip(bytes: Uint8Array): Checkpoint {
  const entries = readZip(bytes);
  const root = findRoot([...entries.keys()]);
  const order = entries.get(`${root}/byteorder`);
  if (order !== undefined && decodeLatin1(order.subarray(0, MAX_BYTE_ORDER)).trim() !== 'little') {
    throw new ResedgeError(
      'unsupported',
      'expected little-endian weights, received a file of a big-endian machine: save it again on a little-endian one',
    );
  }
  const { value, storages } = unpickle(entries.get(`${root}/data.pkl`)!);
  const located = new Map<string, Uint8Array>();
  for (const storage of storages.values()) {
    const data = entries.get(`${root}/data/${storage.key}`);
    expectStorageBytes(storage, data?.length);
    located.set(storage.key, data!);
  }
  return { value, bytesOf: (key) => located.get(key)! };
}

/** Throws `input` unless a storage's bytes are as many as its type and element count say. */
export function expectStorageBytes(
  { key, type, rootCount, elementBytes }: PickleStorage,
  length: number | undefined,
): void {
  if (length === rootCount * elementBytes) return;
  throw new ResedgeError(
    'input',
    `expected ${rootCount * elementBytes} bytes in storage ${quote(key)} (${type} of ${rootCount}), received ${length ?? 'no such storage'}: the file is damaged, download or save it again`,
  );
}

function findRoot(names: readonly string[]): string {
  const roots = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name)).map((name) => name.split('/')[0]!);
  const [root] = roots;
  if (root !== undefined && roots.length === 1) {
    if (!names.includes(`${root}/constants.pkl`)) return root;
    throw new ResedgeError(
      'unsupported',
      'expected a state dict, received a TorchScript archive: save model.state_dict() of the original model with torch.save',
    );
  }
  throw new ResedgeError(
    'input',
    `expected one data.pkl, as torch.save writes, in the ZIP archive, received ${roots.length} among ${names.length} entries (${names.slice(0, 3).map(quote).join(', ')}): unpack the archive and give the weight file inside`,
  );
}
