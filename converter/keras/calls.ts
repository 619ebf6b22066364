import { ResedgeError } from '../../src/errors.ts';
import { isJson } from '../json.ts';
import { quote } from '../weights/bytes.ts';
import type { Layer, Reference } from './types.ts';

/** Deepest nesting of lists and objects around what a layer reads. */
const MAX_DEPTH = 16;

/**
 * What a layer reads at each of its calls, from `inbound_nodes`: lists `[layer, call, output, arguments]` in Keras 2, objects with
 * `args` and `kwargs` in Keras 3.
 */
export function callsOf(inbound: unknown, layer: string): readonly (readonly Reference[])[] {
  if (inbound === undefined || inbound === null) return [];
  if (!Array.isArray(inbound)) {
    throw new ResedgeError('input', `expected a list of calls of layer ${quote(layer)}, received another value`);
  }
  return inbound.map((node) => {
    const found = isJson(node) ? [...referencesIn(node['args']), ...referencesIn(node['kwargs'])] : referencesIn(node);
    if (found.length > 0) return found;
    throw new ResedgeError('input', `expected layer ${quote(layer)} to read another one, its config names none`);
  });
}

/** Every reference in a value, in order. */
export function referencesIn(value: unknown, depth = 0): readonly Reference[] {
  if (depth > MAX_DEPTH) throw new ResedgeError('limit', `expected at most ${MAX_DEPTH} lists inside one another`);
  if (Array.isArray(value)) {
    const [layer, call, output, ...more] = value;
    if (typeof layer === 'string' && isPlace(call) && isPlace(output)) {
      return [[layer, call, output], ...more.flatMap((part) => referencesIn(part, depth + 1))];
    }
    return value.flatMap((part) => referencesIn(part, depth + 1));
  }
  if (!isJson(value)) return [];
  return Object.values(value).flatMap((part) => referencesIn(part, depth + 1));
}

function isPlace(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}

/**
 * References to models inside a model with their calls counted from 0: Keras 2 counts from 1, for it has called the model once when it
 * made it.
 */
export function countFromZero(
  layers: readonly Layer[],
  references: readonly Reference[],
): (of: Reference) => Reference {
  const first = new Map<string, number>();
  for (const [layer, call] of [...layers.flatMap(({ calls }) => calls.flat()), ...references]) {
    first.set(layer, Math.min(call, first.get(layer) ?? call));
  }
  const models = new Set(layers.filter(({ model }) => model !== undefined).map(({ name }) => name));
  return ([layer, call, output]) => [
    layer,
    call - (models.has(layer) ? Math.min(1, first.get(layer) ?? 0) : 0),
    output,
  ];
}
