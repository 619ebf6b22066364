import { ResedgeError } from '../../src/errors.ts';
import { SCHEME_NAMES, type SchemeName } from '../../src/tensor/quantization.ts';

export type { SchemeName };

/** What a quantized file stores and what the target's kernels do with it. */
export type Scheme = {
  readonly name: SchemeName;
  readonly activation: { readonly dtype: 'uint8' | 'int8' | 'uint16'; readonly symmetric: boolean };
  /** Weights are symmetric, per output channel, and stored in this many bits. */
  readonly weightBits: 8 | 4;
  /** `int16-pairs`: the kernel adds two neighbouring products in int16, which must not leave its range. */
  readonly accumulator: 'exact' | 'int16-pairs';
  /** The scheme whose layers are more faithful at the same speed, though larger. */
  readonly wider?: SchemeName;
  /** Where a file of this scheme computes what it says, for people. */
  readonly rightFor: string;
};

const s8 = { weightBits: 8, accumulator: 'exact' } as const;

export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = {
  'u8s8-safe': {
    name: 'u8s8-safe',
    activation: { dtype: 'uint8', symmetric: false },
    weightBits: 8,
    accumulator: 'int16-pairs',
    rightFor: 'every CPU (x64 with or without VNNI, Arm) and WASM',
  },
  u8s8: {
    name: 'u8s8',
    activation: { dtype: 'uint8', symmetric: false },
    ...s8,
    rightFor: 'CPUs with exact accumulators (x64 with VNNI, Arm) and WASM; x64 without VNNI saturates',
  },
  s8s8: {
    name: 's8s8',
    activation: { dtype: 'int8', symmetric: true },
    ...s8,
    rightFor: 'TensorRT; right on CPUs too, but slower there',
  },
  u16s8: {
    name: 'u16s8',
    activation: { dtype: 'uint16', symmetric: false },
    ...s8,
    rightFor: 'NPUs that take 16-bit activations; right but unfused on CPUs',
  },
  u8s4: {
    name: 'u8s4',
    activation: { dtype: 'uint8', symmetric: false },
    weightBits: 4,
    // Two products of at most 255 x 7 never leave int16.
    accumulator: 'exact',
    wider: 'u8s8-safe',
    rightFor: 'every CPU and WASM, half the size of INT8 and as fast, less faithful',
  },
};

/** The scheme of this name. Throws `usage` listing the known ones. */
export function schemeNamed(name: string): Scheme {
  const known = SCHEME_NAMES.find((candidate) => candidate === name);
  if (!known) throw new ResedgeError('usage', `unknown scheme ${name}: expected one of ${SCHEME_NAMES.join(', ')}`);
  return SCHEMES[known];
}

/** True where a raw input's bytes can be the stored activations; others are quantized like any value. */
export function storesPixels({ activation }: Scheme): boolean {
  return activation.dtype === 'uint8';
}

/** Largest stored magnitude of a weight. */
export function weightMax(scheme: Scheme): number {
  return scheme.weightBits === 8 ? 127 : 7;
}

/** Smallest and largest stored activation. Symmetric int8 leaves -128 out, so that its range mirrors at zero. */
export function activationLimits(scheme: Scheme): readonly [number, number] {
  switch (scheme.activation.dtype) {
    case 'uint8':
      return [0, 255];
    case 'int8':
      return [-127, 127];
    case 'uint16':
      return [0, 65535];
  }
}
