import { ResedgeError } from '../../src/errors.ts';
import type { StoredDType } from './types.ts';

/** What a state dict's pickle can hold. Containers may be shared and may contain themselves: walk them with a depth in mind. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleStorage
  | PickleTensor
  | PickleOpaque;

export type PickleTuple = { readonly kind: 'tuple'; readonly items: PickleValue[] };
export type PickleList = { readonly kind: 'list'; readonly items: PickleValue[] };
export type PickleDict = { readonly kind: 'dict'; readonly entries: Map<PickleValue, PickleValue> };
/** A name of the allow-list, `module.name`. Nothing is ever looked up or run by it. */
export type PickleGlobal = { readonly kind: 'global'; readonly name: string };
/** Something harmless that no tensor needs (a NumPy scalar, a device); its content is dropped. */
export type PickleOpaque = { readonly kind: 'opaque'; readonly what: string };

/** A run of elements stored outside the pickle under `key`; a view takes `count` of the root's elements from `first` on. */
export type PickleStorage = {
  readonly kind: 'storage';
  readonly key: string;
  /** PyTorch's name of the element type. */
  readonly type: string;
  /** Undefined where the elements are none that a ResNet can use. */
  readonly dtype: StoredDType | undefined;
  readonly elementBytes: number;
  readonly rootCount: number;
  readonly first: number;
  readonly count: number;
};

/** A strided window on a storage, in elements; not yet checked against the storage's size. */
export type PickleTensor = {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly dims: readonly number[];
  readonly strides: readonly number[];
};

/** The kind of a value, for messages. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value !== 'object') return typeof value;
  return value.kind === 'opaque' ? value.what : `a ${value.kind}`;
}

export function isDict(value: PickleValue): value is PickleDict {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'dict';
}

export function isTensor(value: PickleValue): value is PickleTensor {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

/** The value if it is an object of one of these kinds; throws `input` otherwise. */
export function expectKind<
  K extends Exclude<PickleValue, null | string | number | boolean | bigint | Uint8Array>['kind'],
>(value: PickleValue | undefined, kinds: readonly K[], where: string): Extract<PickleValue, { readonly kind: K }> {
  if (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (kinds as readonly string[]).includes(value.kind)
  ) {
    return value as Extract<PickleValue, { readonly kind: K }>;
  }
  throw malformed(`a ${kinds.join(' or ')} ${where}, received ${kindOf(value)}`);
}

/** A number of elements: a non-negative integer that a double holds exactly. */
export function expectCount(value: PickleValue | undefined, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(
    `a whole number from 0 to 2^53 ${where}, received ${typeof value === 'number' ? value : kindOf(value)}`,
  );
}

export function malformed(expected: string): ResedgeError {
  return new ResedgeError('input', `damaged pickle: expected ${expected}; download the file or save it again`);
}
