import { ResedgeError } from '../../src/errors.ts';
import type { StoredTensor } from '../weights/types.ts';
import type { Architecture } from './architecture.ts';
import { type ConvLayer, layersOf } from './layers.ts';

type Tensors = ReadonlyMap<string, StoredTensor>;

const NORM_PARAMETERS = ['weight', 'bias', 'running_mean', 'running_var'] as const;
/** Parts of names that a network needs in training alone. */
const IGNORED = /\.num_batches_tracked$/;
/** Names listed in one message. */
const LISTED = 3;

/** Shapes of all tensors that an architecture has, by name. */
export function expectedShapes(architecture: Architecture): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const add = (layer: ConvLayer): void => {
    shapes.set(`${layer.conv}.weight`, [layer.out, layer.in / layer.groups, layer.kernel, layer.kernel]);
    for (const parameter of NORM_PARAMETERS) shapes.set(`${layer.norm}.${parameter}`, [layer.out]);
  };
  const { stem, blocks } = layersOf(architecture);
  add(stem);
  for (const block of blocks) {
    block.main.forEach(add);
    if (block.shortcut.kind === 'projection') add(block.shortcut.layer);
  }
  const { name, classes, features } = architecture.head;
  shapes.set(`${name}.weight`, [classes, features]);
  shapes.set(`${name}.bias`, [classes]);
  return shapes;
}

/** Throws `input` naming the tensors that are missing, left over, empty, or of another shape than the architecture's. */
export function checkShapes(architecture: Architecture, tensors: Tensors): void {
  const expected = expectedShapes(architecture);
  const shape = (dims: readonly number[] | undefined): string => `[${dims?.join(', ') ?? ''}]`;
  const list = (names: readonly string[]): string =>
    names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ` and ${names.length - LISTED} more` : '');
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    const wanted = missing.map((name) => `${name} ${shape(expected.get(name))}`);
    throw new ResedgeError('input', `expected in the weights of ${architecture.name}, but missing: ${list(wanted)}`);
  }
  for (const [name, dims] of expected) {
    const received = tensors.get(name)?.dims;
    if (dims.includes(0)) {
      throw new ResedgeError('input', `expected at least one value in ${name}, received ${shape(received)}`);
    }
    if (received?.join() !== dims.join()) {
      throw new ResedgeError(
        'input',
        `expected ${shape(dims)} for ${name} of ${architecture.name}, received ${shape(received)}`,
      );
    }
  }
  const left = [...tensors.keys()].filter((name) => !expected.has(name) && !IGNORED.test(name));
  if (left.length > 0) {
    const found = left.map((name) => `${name} ${shape(tensors.get(name)?.dims)}`);
    throw new ResedgeError('input', `expected only the tensors of ${architecture.name}, left over: ${list(found)}`);
  }
}

/**
 * Reads every value once. Throws `input` for values that are not finite and for negative variances; returns warnings, one
 * line each, for variances of zero.
 */
export function checkValues(architecture: Architecture, tensors: Tensors): readonly string[] {
  const warnings: string[] = [];
  for (const name of expectedShapes(architecture).keys()) {
    const data = tensors.get(name)?.read() ?? new Float32Array();
    const bad = firstNonFinite(data);
    if (bad >= 0)
      throw new ResedgeError('input', `expected finite weights, found ${data[bad]} in ${name} at element ${bad}`);
    if (!name.endsWith('.running_var')) continue;
    const negative = data.findIndex((value) => value < 0);
    if (negative >= 0) {
      throw new ResedgeError(
        'input',
        `expected variances >= 0, found ${data[negative]} in ${name} at channel ${negative}`,
      );
    }
    const zeros = data.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
    if (zeros > 0)
      warnings.push(`${name}: ${zeros} of ${data.length} variances are zero; the channels never varied in training`);
  }
  return warnings;
}

/** Index of the first NaN or infinity, or -1. */
function firstNonFinite(data: Float32Array): number {
  // Subtracting a value from itself leaves 0 unless it is not finite; one sum finds out whether a closer look is owed.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
  return sum === 0 ? -1 : data.findIndex((value) => !Number.isFinite(value));
}
