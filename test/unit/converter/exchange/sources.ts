import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { npy } from '../conversions.ts';

const FOLDER = new URL('../../../golden/onnx/sources/', import.meta.url);

/** Classifiers as exporters write them; test/peers/python/sources.py makes them. */
export const EXPORTS = ['pytorch', 'mobile', 'tf2onnx', 'keras2onnx', 'mxnet', 'squeeze', 'half'] as const;

export type Exported = (typeof EXPORTS)[number];

export function sourcePath(file: string): string {
  return fileURLToPath(new URL(file, FOLDER));
}

export function sourceBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(sourcePath(`${name}.onnx`)));
}

type Expected = Readonly<Record<string, { readonly scores: readonly (readonly number[])[]; readonly nodes: number }>>;

/** What ONNX Runtime's Python package computed, and how many nodes the file has. */
export const expected: Expected = JSON.parse(readFileSync(sourcePath('expected.json'), 'utf8'));

/** The pictures that it was computed from, [1, 3, size, size] each. */
export function sourceInputs(): readonly Tensor<'float32'>[] {
  const { dims, data } = npy(sourcePath('input.npy'));
  const [count = 0, ...rest] = dims;
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => float32([1, ...rest], data.slice(i * size, (i + 1) * size)));
}

export function bytesOf(graph: Graph): Uint8Array {
  return concat(encodeGraph(graph, { producer: { name: 'test', version: '1' } }));
}
