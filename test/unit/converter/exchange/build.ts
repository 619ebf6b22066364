import type { Attribute, Model, NamedTensor, OnnxNode, ValueInfo } from '../../../../src/onnx/schema.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { tinyModel } from '../../onnx/files.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** A node named for its output. */
export function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
  domain = '',
): OnnxNode {
  return {
    name: `the_${output}`,
    op,
    domain,
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
  };
}

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (...value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const picture: ValueInfo = { name: 'x', dtype: 'float32', dims: ['N', 3, 8, 8] };
export const scores: ValueInfo = { name: 'y', dtype: 'float32', dims: ['N', 4] };
export const weights: readonly NamedTensor[] = [
  { name: 'w', ...float32([4, 3, 1, 1], new Float32Array(12).fill(0.5)) },
  { name: 'm', ...float32([5, 4], new Float32Array(20)) },
  { name: 'shape', dtype: 'int64', dims: [3], data: BigInt64Array.of(2n, -1n, 4n) },
];
export const head: readonly OnnxNode[] = [node('GlobalAveragePool', ['c'], 'g'), node('Flatten', ['g'], 'y')];

/** A classifier of pictures [N, 3, 8, 8] in four classes. */
export function model(nodes: readonly OnnxNode[], parts: Partial<Model['graph']> = {}, opset = 13): Model {
  const graph = { nodes, initializers: weights, inputs: [picture], outputs: [scores], ...parts };
  return { ...tinyModel(graph), opsets: [{ domain: '', version: opset }] };
}
