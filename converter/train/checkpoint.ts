import { ResedgeError } from '../../src/errors.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { isJson, type Json } from '../json.ts';
import type { Architecture } from '../resnet/architecture.ts';
import { checkShapes } from '../resnet/check.ts';
import { readSafetensors, type Safetensors } from '../weights/safetensors.ts';
import type { StoredTensor } from '../weights/types.ts';
import { writeSafetensors } from '../weights/write-safetensors.ts';
import type { EpochRecord, Recipe } from './recipe.ts';
import type { SgdState } from './sgd.ts';
import type { Tensors } from './tensors.ts';

/** What a training is, apart from how far it has come. Two that agree in it come to the same bytes. */
export type TrainingIdentity = {
  readonly architecture: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly recipe: Recipe;
  /** How many pictures it learns from, and a digest of which they are. */
  readonly pictures: { readonly count: number; readonly sha256: string };
};

/**
 * A training after a whole epoch. Its random state is the recipe's seed and the number of records: every draw belongs to a place in the
 * training, see streamAt; its place in the schedule follows from them too.
 */
export type Checkpoint = {
  /** Weights and running statistics under their names. */
  readonly weights: Tensors;
  readonly momentum: SgdState;
  readonly records: readonly EpochRecord[];
};

/** `exact`: all of the identity must agree. `network`: recipe and pictures may differ. */
export type Fit = 'exact' | 'network';

const KEY = 'resedge.checkpoint';
/** Bytes at the beginning that tell a checkpoint. */
const SNIFFED = 64;
const VERSION = 1;
const MOMENTUM = 'momentum.';

/** A checkpoint as consecutive chunks of a safetensors file. */
export function encodeCheckpoint(checkpoint: Checkpoint, identity: TrainingIdentity): Iterable<Uint8Array> {
  const { weights, momentum, records } = checkpoint;
  const tensors = new Map(weights);
  for (const [name, data] of momentum) {
    tensors.set(`${MOMENTUM}${name}`, { dims: weights.get(name)?.dims ?? [data.length], data });
  }
  return writeSafetensors(tensors, new Map([[KEY, JSON.stringify({ version: VERSION, ...identity, records })]]));
}

/**
 * Reads what {@link encodeCheckpoint} wrote. Throws `input`, one line, for a file that is cut short or something else, and for the
 * checkpoint of a training that does not fit, naming what differs first.
 */
export function parseCheckpoint(
  bytes: Uint8Array,
  architecture: Architecture,
  identity: TrainingIdentity,
  fit: Fit = 'exact',
): Checkpoint {
  const { tensors, metadata } = wholeFile(bytes);
  const stated = statedIn(metadata.get(KEY));
  expectSame(stated, identity, fit);
  const weights = new Map<string, StoredTensor>();
  const momentum: SgdState = new Map();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(MOMENTUM)) momentum.set(name.slice(MOMENTUM.length), Float32Array.from(tensor.read()));
    else weights.set(name, tensor);
  }
  checkShapes(architecture, weights);
  for (const [name, { length }] of momentum) {
    if (length !== elementCount(weights.get(name)?.dims ?? [0])) {
      throw damaged(`as many values for the momentum of ${name} as it has, received ${length}`);
    }
  }
  return {
    weights: new Map(
      [...weights].map(([name, { dims, read }]) => [name, { dims, data: Float32Array.from(read()) }] as const),
    ),
    momentum,
    records: recordsOf(stated['records'], identity.recipe.epochs),
  };
}

/** True for a checkpoint, even one that is cut short: what it says of itself comes first. */
export function looksLikeCheckpoint(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, SNIFFED)).includes(`"${KEY}"`);
}

function wholeFile(bytes: Uint8Array): Safetensors {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    throw new ResedgeError('input', 'expected a whole checkpoint, this one is cut short or damaged', { cause });
  }
}

function statedIn(text: string | undefined): Json {
  let stated: unknown;
  try {
    stated = JSON.parse(text ?? '');
  } catch {
    stated = undefined;
  }
  if (!isJson(stated)) throw damaged('a description, received none');
  if (stated['version'] !== VERSION) {
    throw new ResedgeError('unsupported', `expected a checkpoint of version ${VERSION}, received another`);
  }
  return stated;
}

function recordsOf(value: unknown, epochs: number): readonly EpochRecord[] {
  const valid =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= epochs &&
    value.every((record, i) => isJson(record) && record['epoch'] === i + 1);
  if (!valid) throw damaged(`records of 1 to ${epochs} epochs, received others`);
  return value;
}

function damaged(expected: string): ResedgeError {
  return new ResedgeError('input', `expected a checkpoint with ${expected}`);
}

/** Every single value under its name, `schedule peak`, the weightiest first, so that the one that differs is named. */
function partsOf({ architecture, labels, inputSize, recipe, pictures }: Json, fit: Fit): ReadonlyMap<string, unknown> {
  const rest = fit === 'network' ? {} : { ...(isJson(recipe) ? recipe : {}), pictures };
  return new Map(leaves('', { architecture, labels, inputSize, ...rest }));
}

function leaves(above: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (!isJson(value)) return [[above, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(`${above} ${words(key)}`.trim(), part));
}

function expectSame(stated: Json, identity: TrainingIdentity, fit: Fit): void {
  const [found, wanted] = [partsOf(stated, fit), partsOf(identity, fit)];
  for (const name of new Set([...wanted.keys(), ...found.keys()])) {
    const [came, here] = [found, wanted].map((parts) => JSON.stringify(parts.get(name)) ?? 'none');
    if (came === undefined || here === undefined || came === here) continue;
    throw new ResedgeError(
      'input',
      `expected a checkpoint of this training, found one of another: ${name} ${shown(came)}, here ${shown(here)}`,
    );
  }
}

/** `weightDecay` as `weight decay`. */
function words(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const SHOWN = 60;

function shown(json: string): string {
  const plain = json.replaceAll('"', '');
  return plain.length > SHOWN ? `${plain.slice(0, SHOWN - 3)}...` : plain;
}
