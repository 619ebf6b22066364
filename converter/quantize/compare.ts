import { dequantize, type QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

export type LayerFidelity = { readonly name: string; readonly sqnrDb: number };

/** Sums the energy of reference and error of named values over many batches. */
export type Comparison = {
  readonly add: (name: string, reference: Float32Array, other: Float32Array) => void;
  /** In the order in which names were first added. */
  readonly fidelity: () => readonly LayerFidelity[];
};

export function comparison(): Comparison {
  const sums = new Map<string, { signal: number; noise: number }>();
  return {
    add: (name, reference, other) => {
      let { signal, noise } = sums.get(name) ?? { signal: 0, noise: 0 };
      for (let i = 0; i < reference.length; i++) {
        const difference = reference[i]! - other[i]!;
        signal += reference[i]! * reference[i]!;
        noise += difference * difference;
      }
      sums.set(name, { signal, noise });
    },
    fidelity: () => [...sums].map(([name, { signal, noise }]) => ({ name, sqnrDb: sqnrDb(signal, noise) })),
  };
}

/** 10 log10(signal / noise), held within +- 200 dB so that an exact or a silent value stays a number. */
export function sqnrDb(signal: number, noise: number): number {
  if (noise === 0) return 200;
  return Math.max(-200, Math.min(200, 10 * Math.log10(signal / noise)));
}

/** The reals that a quantized value's stored integers stand for. */
export function realsOf(stored: Tensor, parameters: QuantizationParameters): Float32Array {
  switch (stored.dtype) {
    case 'uint8':
    case 'int8':
    case 'uint16':
      return dequantize(stored.data, parameters);
    default:
      return new Float32Array();
  }
}
