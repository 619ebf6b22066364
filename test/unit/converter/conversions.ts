import { readFileSync } from 'node:fs';
import type { Conversion, ConvertOptions } from '../../../converter/conversion.ts';
import { convert } from '../../../converter/convert.ts';
import { type Network, readNetwork } from '../../../converter/network.ts';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import type { PlanRecipe } from '../../../converter/quantize/index.ts';
import { CORRECTIONS, type Recipe } from '../../../converter/quantize/recipe.ts';
import { SCHEMES } from '../../../converter/quantize/scheme.ts';
import { concat } from '../../../src/onnx/encode.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import { float32, type Tensor } from '../../../src/tensor/tensor.ts';
import { runInProcess } from './runner.ts';

export const IMAGENET: Pick<Preprocessing, 'scale' | 'mean' | 'std' | 'channels'> = {
  scale: 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  channels: 'rgb',
};

export function raw(size: number, values: Partial<Preprocessing> = {}): Preprocessing {
  return {
    ...IMAGENET,
    input: 'raw',
    layout: 'nhwc',
    inputSize: size,
    resize: size,
    interpolation: 'bilinear',
    ...values,
  };
}

export function classic(size: number, values: Partial<Preprocessing> = {}): Preprocessing {
  return { ...raw(size), input: 'float', layout: 'nchw', ...values };
}

/** Ranges as seen and biases mended: quick, and enough where the quantizer is not what is tested. */
export const SAFE: PlanRecipe = { scheme: SCHEMES['u8s8-safe'], method: 'minmax', corrections: ['bias'] };

/** Everything that the quantizer has, as a conversion does by default. */
export const BEST: PlanRecipe = { scheme: SCHEMES['u8s8-safe'], method: 'auto', corrections: CORRECTIONS };

/** Generated pictures as inputs of a model, one by one. */
export async function* pictures(preprocessing: Preprocessing, seeds: readonly number[]): AsyncGenerator<Tensor> {
  for (const seed of seeds) yield modelInput(probePicture(preprocessing.inputSize, seed), preprocessing);
}

export function calibrated(
  preprocessing: Preprocessing,
  recipe: Recipe = SAFE,
  seeds: readonly number[] = [11, 12, 13, 14, 15, 16, 17, 18],
): NonNullable<ConvertOptions['int8']> {
  return {
    recipe,
    calibration: { kind: 'pictures', inputs: pictures(preprocessing, seeds), count: seeds.length },
  };
}

export type Converted = Omit<Conversion, 'model'> & { readonly model: Uint8Array; readonly network: Network };

export async function convertFile(
  bytes: Uint8Array,
  preprocessing: Preprocessing,
  options?: Partial<ConvertOptions>,
): Promise<Converted> {
  return await convertNetwork(readNetwork(bytes, 'auto'), preprocessing, options);
}

/** Converts with what every test leaves alone filled in. */
export async function convertNetwork(
  network: Network,
  preprocessing: Preprocessing,
  options: Partial<ConvertOptions> = {},
): Promise<Converted> {
  const conversion = await convert(
    network,
    {
      preprocessing,
      labels: Array.from({ length: network.classes }, (_, i) => `class ${i}`),
      source: { file: 'weights.safetensors', sha256: '0'.repeat(64) },
      producer: { name: 'resedge', version: '0.0.0' },
      ...options,
    },
    runInProcess,
  );
  return { ...conversion, model: concat(conversion.model), network };
}

/** A float32 array in NumPy's format, version 1. */
export function npy(path: string): Tensor<'float32'> {
  const bytes = readFileSync(path);
  const end = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, end);
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '';
  if (!header.includes("'<f4'") || header.includes('True')) throw new Error(`not row-major float32: ${header}`);
  const dims = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  return float32(dims, new Float32Array(new Uint8Array(bytes.subarray(end)).buffer));
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
