import { ResedgeError } from '../../src/errors.ts';
import type { Constant } from '../graph/graph.ts';
import { quote } from '../weights/bytes.ts';
import type { Hdf5, Layer, WeightSource } from './types.ts';

/** Arrays of no layer's own: seeds and counts of what runs in training only, and variables of the model itself. */
const BESIDE = /(^|\/)(seed_generator|seed_generator_state|top_level_model_weights)\//;

/** The arrays of a file with Keras 2's layout (`layer_names` on a group, `weight_names` on each layer's group), by top layer. */
export type Listed = ReadonlyMap<string, readonly string[]>;

/** Undefined for a file of another layout. */
export function listedWeights(file: Hdf5): Listed | undefined {
  const root = file.attributes.has('model_weights') ? 'model_weights' : '';
  const layers = namesOn(file, root, 'layer_names');
  if (layers === undefined) return undefined;
  return new Map(
    layers.map((layer) => {
      const group = root === '' ? layer : `${root}/${layer}`;
      const names = namesOn(file, group, 'weight_names') ?? [];
      return [layer, names.map((name) => `${group}/${name}`)];
    }),
  );
}

/** Layers by name as they lie in such a file; what belongs to a model inside the model is found by its names. */
export function fromListed(file: Hdf5, listed: Listed): WeightSource {
  return (path) => {
    const names = path.map(({ name }) => name);
    const [top = ''] = names;
    const all = listed.get(top);
    if (all === undefined || names.length === 1) return all?.map((name) => [name, arrayOf(file, name)]);
    // Keras 3 writes the whole way, Keras 2 the layer alone.
    const way = names.slice(1).join('/');
    const under = (end: string): readonly string[] =>
      all.filter((name) => name.slice(0, name.lastIndexOf('/')).endsWith(`/${end}`));
    const own = under(way);
    const found = own.length > 0 ? own : under(names.at(-1)!);
    return found.map((name) => [name, arrayOf(file, name)]);
  };
}

/** Layers of a `.weights.h5` of Keras 3: `layers/<key>/vars/<n>`, models inside the model nested. */
export function fromStore(file: Hdf5): WeightSource {
  return (path) => arraysIn(file, `${path.map(({ key }) => `layers/${key}`).join('/')}/vars`);
}

function arraysIn(file: Hdf5, group: string): NonNullable<ReturnType<WeightSource>> {
  const found: (readonly [string, Constant<'float32'>])[] = [];
  for (let n = 0; ; n++) {
    const path = `${group}/${n}`;
    const array = file.arrays.get(path);
    if (array === undefined) return found;
    found.push([path, array]);
  }
}

/** Names of layers on the groups of such a file, by group. */
function storedNames(file: Hdf5): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [group, attributes] of file.attributes) {
    const [name] = attributes.get('name') ?? [];
    if (name !== undefined && group.endsWith('/vars')) names.set(name, group);
  }
  return names;
}

export function namesInStore(file: Hdf5): readonly string[] {
  return [...storedNames(file).keys()];
}

/** Layers of such a file by the names that it keeps, for a model without a config. */
export function namedStore(file: Hdf5): WeightSource {
  const names = storedNames(file);
  return (path) => arraysIn(file, names.get(path.at(-1)!.name) ?? '');
}

/** Throws `input` for arrays of layers that the config does not have. */
export function expectAllUsed(file: Hdf5, used: ReadonlySet<string>, listed: Listed | undefined): void {
  const stored = listed
    ? [...listed.values()].flat()
    : [...file.arrays.keys()].filter((path) => path.startsWith('layers/'));
  expectUsed(stored, used);
}

/** Throws `input` for one of the stored arrays that no layer reads. */
export function expectUsed(stored: Iterable<string>, used: ReadonlySet<string>): void {
  const left = [...stored].find((path) => !used.has(path) && !BESIDE.test(`${path}/`));
  if (left === undefined) return;
  throw new ResedgeError(
    'input',
    `expected a layer for every array of weights, the config has none for ${quote(left)}: config and weights belong to different models`,
  );
}

/** The path of layers for messages. */
export function wayTo(path: readonly Layer[]): string {
  return quote(path.map(({ name }) => name).join('/'));
}

/** A list of names on a group; one too long for an attribute is spread over `name0`, `name1`, ... */
function namesOn(file: Hdf5, group: string, name: string): readonly string[] | undefined {
  const attributes = file.attributes.get(group);
  const whole = attributes?.get(name);
  if (whole !== undefined || attributes === undefined) return whole;
  const parts: (readonly string[])[] = [];
  for (let part = attributes.get(`${name}0`); part !== undefined; part = attributes.get(`${name}${parts.length}`)) {
    parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.flat();
}

function arrayOf(file: Hdf5, path: string): Constant<'float32'> {
  const found = file.arrays.get(path);
  if (found !== undefined) return found;
  throw new ResedgeError(
    'input',
    `expected the array ${quote(path)}, which the file lists, received none: it is damaged`,
  );
}
