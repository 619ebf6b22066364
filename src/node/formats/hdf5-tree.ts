import type { Dataset, Entity, File, Group } from 'h5wasm';
import { quote } from '../../../converter/weights/bytes.ts';
import { ResedgeError } from '../../errors.ts';

/** An array's numbers lie in a buffer of their own. */
export type StoredArray = { readonly dims: readonly number[]; readonly data: Float32Array<ArrayBuffer> };

/** What the converter wants of a file, fit to be handed from one thread to another. */
export type Tree = {
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly arrays: ReadonlyMap<string, StoredArray>;
};

/** Most groups and arrays of a file. */
const MAX_OBJECTS = 100_000;
/** Most groups inside one another. */
const MAX_DEPTH = 64;
/** Most numbers of all arrays together: what typed arrays hold, and what a file of this many bytes could pack. */
const MAX_ELEMENTS = 2 ** 29;
const mostElements = (bytes: number): number => Math.min(MAX_ELEMENTS, 2 ** 20 + 16 * bytes);

/** Most bytes that the library may take for a file of so many: what it needs itself, and all numbers as it hands them over. */
export const mostMemory = (bytes: number): number => 2 ** 26 + 8 * mostElements(bytes);
/** Most bytes of one text attribute. */
const MAX_TEXT = 2 ** 26;

/** Groups of what only training needs. */
const TRAINING: ReadonlySet<string> = new Set(['optimizer', 'optimizer_weights']);

/** HDF5's classes of types. */
const [INTEGER, FLOAT, STRING] = [0, 1, 3];

/**
 * The texts and numbers of an HDF5 file, read whole by h5wasm from memory, where no other file is within reach. Throws `input` for a
 * damaged file and for links to other files or data in them; `limit` as its name says. A file that is damaged in certain ways keeps
 * the library busy forever: call it where it can be stopped.
 */
export async function readTree(bytes: Uint8Array): Promise<Tree> {
  const { File, ready } = await import('h5wasm');
  const { FS, activate_throwing_error_handler: throwErrors } = await ready;
  throwErrors();
  const path = '/source.h5';
  let file: File | undefined;
  try {
    FS.writeFile(path, bytes);
    file = new File(path, 'r');
    return treeOf(file, mostElements(bytes.length));
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    const reason = reasonOf(error);
    const wanted = /external/.test(reason)
      ? `expected a file that holds all its data, ${reason}: save the model as one file`
      : `expected a whole HDF5 file, ${reason}: download or save it again`;
    throw new ResedgeError('input', wanted, { cause: error });
  } finally {
    closeQuietly(() => file?.close());
    closeQuietly(() => FS.unlink(path));
  }
}

/** A damaged file may not close either; what is wrong with it has been said. */
function closeQuietly(close: () => unknown): void {
  try {
    close();
  } catch {}
}

/** The innermost of the library's errors. */
function reasonOf(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split('\n');
  const deepest = lines.filter((line) => /^\s*#\d+:/.test(line)).at(-1);
  return quote(deepest?.replace(/^.*? in \w+\(\): /, '') ?? lines[0] ?? 'unreadable');
}

function treeOf(file: File, most: number): Tree {
  const attributes = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const arrays = new Map<string, StoredArray>();
  let objects = 0;
  let elements = 0;

  const visit = (group: Group, path: string, depth: number): void => {
    if (depth > MAX_DEPTH) {
      throw new ResedgeError('limit', `expected at most ${MAX_DEPTH} groups inside one another, as in ${quote(path)}`);
    }
    attributes.set(path, textsOn(group, path));
    for (const name of group.keys()) {
      if (path === '' && TRAINING.has(name)) continue;
      objects++;
      if (objects > MAX_OBJECTS) throw new ResedgeError('limit', `expected at most ${MAX_OBJECTS} groups and arrays`);
      const at = path === '' ? name : `${path}/${name}`;
      const found = group.get(name);
      if (isGroup(found)) visit(found, at, depth + 1);
      else if (isDataset(found)) {
        elements += found.metadata.total_size;
        if (!(elements <= most)) {
          throw new ResedgeError(
            'limit',
            `expected at most ${most} numbers in a file of this size, received [${found.shape}] as ${quote(at)}`,
          );
        }
        const array = arrayOf(found, at);
        if (array) arrays.set(at, array);
      } else refuseLink(found, at);
    }
  };
  visit(file, '', 0);
  return { attributes, arrays };
}

function isGroup(found: Entity | null): found is Group {
  return found !== null && 'type' in found && found.type === 'Group';
}

function isDataset(found: Entity | null): found is Dataset {
  return found !== null && 'type' in found && found.type === 'Dataset';
}

/** Types that the file names for itself have no data. */
function refuseLink(found: Entity | null, at: string): void {
  if (found !== null && 'type' in found && found.type === 'Datatype') return;
  if (found !== null && 'filename' in found) {
    throw new ResedgeError(
      'input',
      `expected a file that holds all its data, received ${quote(at)}, a link to another file, ${quote(found.filename)}: save the model as one file`,
    );
  }
  const target = found !== null && 'target' in found ? quote(found.target) : 'nothing';
  throw new ResedgeError(
    'input',
    `expected an array or a group as ${quote(at)}, received a link to ${target}, which is not there`,
  );
}

function textsOn(group: Group, path: string): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, readonly string[]>();
  for (const [name, attribute] of Object.entries(group.attrs)) {
    const { type, size, total_size: count } = attribute.metadata;
    if (count === 0) texts.set(name, []);
    else if (type === STRING) {
      if (count * size > MAX_TEXT) {
        throw new ResedgeError(
          'limit',
          `expected texts below ${MAX_TEXT} bytes, received more on ${quote(`${path}/${name}`)}`,
        );
      }
      texts.set(name, [attribute.value].flat().map(String));
    }
  }
  return texts;
}

/** Undefined for an array of anything but numbers. */
function arrayOf(dataset: Dataset, at: string): StoredArray | undefined {
  const { type, size, shape, virtual_sources: sources } = dataset.metadata;
  if (sources !== undefined) {
    throw new ResedgeError(
      'input',
      `expected a file that holds all its data, received ${quote(at)}, whose data lies in ${quote(sources[0]?.file_name ?? 'another file')}: save the model as one file`,
    );
  }
  if ((type !== INTEGER && type !== FLOAT) || shape === null) return undefined;
  if (type === FLOAT && size !== 4 && size !== 8) {
    throw new ResedgeError(
      'unsupported',
      `expected numbers of 32 or 64 bits, received ${8 * size} bits as ${quote(at)}: cast the model to float32 and save it again`,
    );
  }
  const { value } = dataset;
  const data =
    value instanceof Float32Array
      ? new Float32Array(value)
      : Float32Array.from([value].flat() as ArrayLike<number>, Number);
  return { dims: shape, data };
}
