import { ResedgeError } from '../../src/errors.ts';
import type { StoredTensor } from '../weights/types.ts';
import type { Architecture } from './architecture.ts';
import { type ConvLayer, type Gate, layersOf } from './layers.ts';
import type { SourceFacts } from './source-config.ts';

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
  stem.forEach(add);
  for (const block of blocks) {
    block.main.forEach(add);
    if (block.gate) for (const [name, dims] of gateShapes(block.gate)) shapes.set(name, dims);
    if (block.shortcut.kind === 'projection') add(block.shortcut.layer);
  }
  const { name, classes, features } = architecture.head;
  shapes.set(`${name}.weight`, [classes, features]);
  shapes.set(`${name}.bias`, [classes]);
  return shapes;
}

function gateShapes(gate: Gate): readonly (readonly [string, readonly number[]])[] {
  const { name } = gate;
  if (gate.kind === 'efficient') return [[`${name}.conv.weight`, [1, 1, gate.kernel]]];
  const { channels, reduced } = gate;
  return [
    [`${name}.fc1.weight`, [reduced, channels, 1, 1]],
    [`${name}.fc1.bias`, [reduced]],
    [`${name}.fc2.weight`, [channels, reduced, 1, 1]],
    [`${name}.fc2.bias`, [channels]],
  ];
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

/** Throws `input` where what is stated beside the weights is not what they are: files of two models lie together. */
export function checkFacts({ name, head, stages }: Architecture, { classes, labels, depths }: SourceFacts): void {
  const count = labels?.length ?? classes;
  if (count !== undefined && count !== head.classes) {
    throw mismatched(`${count} classes`, `${name} with ${head.classes}`);
  }
  const found = stages.map((stage) => stage.blocks);
  if (depths && depths.join() !== found.join()) {
    throw mismatched(`stages of ${depths.join('-')} blocks`, `${name} with ${found.join('-')}`);
  }
}

/** An error for a description that lies beside what it does not describe. */
export function mismatched(stated: string, found: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected the weights of config.json beside them, which states ${stated}, found ${found}: put together what belongs together, or move config.json away`,
  );
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
