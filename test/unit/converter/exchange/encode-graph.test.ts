import { describe, expect, test } from 'vitest';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import { type Constant, constant, type Graph } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import type { Attribute, Model } from '../../../../src/onnx/schema.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { refusal } from '../weights/files.ts';

const producer = { name: 'resedge', version: '1.2.3' };
const kernel: Tensor<'float32'> = float32(
  [2, 3, 3, 3],
  Float32Array.from({ length: 54 }, (_, i) => i / 8),
);

function stem(weight: Constant = constant(kernel), op: Partial<Op> = {}): Graph {
  const conv: Op = { kind: 'Conv', kernel: [3, 3], strides: [2, 1], pads: [1, 0, 2, 1], group: 1 };
  return {
    name: 'stem',
    inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 3, 8, 8] }],
    outputs: ['relu'],
    nodes: [
      { name: 'conv', op: { ...conv, ...op } as Op, inputs: ['x', 'w'], outputs: ['conv'] },
      { name: 'relu', op: { kind: 'Relu' }, inputs: ['conv'], outputs: ['relu'] },
    ],
    constants: new Map([['w', weight]]),
  };
}

/** One node of this kind between a uint8 input and the output. */
function single(op: Op, constants: Readonly<Record<string, Tensor>>, dtype: 'uint8' | 'float32' = 'float32'): Graph {
  return {
    name: 'single',
    inputs: [{ name: 'x', dtype, dims: ['N', 3, 4, 4] }],
    outputs: ['y'],
    nodes: [{ name: 'y', op, inputs: ['x', ...Object.keys(constants)], outputs: ['y'] }],
    constants: new Map(Object.entries(constants).map(([name, tensor]) => [name, constant(tensor)])),
  };
}

const decoded = (graph: Graph, observe?: readonly string[]): Model =>
  decodeModel(concat(encodeGraph(graph, { producer, ...(observe ? { observe } : {}) })));

const int = (value: number): Attribute => ({ kind: 'int', value });
const ints = (...value: readonly number[]): Attribute => ({ kind: 'ints', value });

describe('encodeGraph', () => {
  test('writes nodes, weights, the symbolic batch and who made the file', () => {
    const { graph, ...model } = decoded(stem());
    expect(model).toMatchObject({
      irVersion: 8,
      opsets: [{ domain: '', version: 17 }],
      producerName: 'resedge',
      producerVersion: '1.2.3',
    });
    expect(graph.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['N', 3, 8, 8] }]);
    expect(graph.outputs).toEqual([{ name: 'relu', dtype: 'float32', dims: ['N', 2, 5, 7] }]);
    expect(graph.nodes.map(({ name, op, inputs, outputs }) => ({ name, op, inputs, outputs }))).toEqual([
      { name: 'conv', op: 'Conv', inputs: ['x', 'w'], outputs: ['conv'] },
      { name: 'relu', op: 'Relu', inputs: ['conv'], outputs: ['relu'] },
    ]);
    expect(graph.initializers).toMatchObject([{ name: 'w', dtype: 'float32', dims: [2, 3, 3, 3], data: kernel.data }]);
  });

  test('observed values leave the graph besides its outputs, each once', () => {
    const { outputs } = decoded(stem(), ['conv', 'relu', 'conv']).graph;
    expect(outputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['relu', ['N', 2, 5, 7]],
      ['conv', ['N', 2, 5, 7]],
    ]);
  });

  test('reads a weight only when its chunk is asked for', () => {
    let reads = 0;
    const lazy: Constant = {
      dtype: 'float32',
      dims: [2, 3, 64, 64],
      read: () => {
        reads++;
        return new Float32Array(2 * 3 * 64 * 64);
      },
    };
    const chunks = encodeGraph(stem(lazy, { kernel: [64, 64], pads: [60, 60, 60, 60] }), { producer });
    expect(reads).toBe(0);
    const before = [...chunks].length;
    expect(before).toBeGreaterThan(1);
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(2);
  });

  test('refuses a graph that does not hold together', () => {
    const broken = { ...stem(), outputs: ['nothing'] };
    expect(refusal(() => encodeGraph(broken, { producer }))).toContain('internal: after encode: the output nothing');
  });

  const scale = float32([], Float32Array.of(0.5));
  const wide: Tensor = { dtype: 'uint16', dims: [], data: Uint16Array.of(7) };
  const narrow: Tensor = { dtype: 'uint8', dims: [], data: Uint8Array.of(7) };

  test('16-bit values ask for opset 21', () => {
    const of = (zero: Tensor): Model => decoded(single({ kind: 'QuantizeLinear' }, { scale, zero }));
    expect(of(wide)).toMatchObject({ irVersion: 10, opsets: [{ domain: '', version: 21 }] });
    expect(of(narrow)).toMatchObject({ irVersion: 8, opsets: [{ domain: '', version: 17 }] });
    expect(of(wide).graph.outputs).toMatchObject([{ dtype: 'uint16' }]);
  });

  test('passes the operands of Pad as inputs', () => {
    const { nodes, initializers } = decoded(
      single({ kind: 'Pad', pads: [0, 0, 0, 0, 0, 0, 0, 1], value: 130 }, {}, 'uint8'),
    ).graph;
    expect(nodes[0]).toMatchObject({ op: 'Pad', inputs: ['x', 'y.pads', 'y.value'] });
    expect(initializers).toMatchObject([
      { name: 'y.pads', dtype: 'int64', data: BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 0n, 0n, 1n) },
      { name: 'y.value', dtype: 'uint8', dims: [], data: Uint8Array.of(130) },
    ]);
  });

  const pool = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } as const;
  test.each<readonly [Op, Readonly<Record<string, Tensor>>, Readonly<Record<string, Attribute>>]>([
    [{ kind: 'MaxPool', ...pool }, {}, { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), strides: ints(2, 2) }],
    [{ kind: 'GlobalAveragePool' }, {}, {}],
    [{ kind: 'Flatten', axis: 1 }, {}, { axis: int(1) }],
    [{ kind: 'Transpose', perm: [0, 3, 1, 2] }, {}, { perm: ints(0, 3, 1, 2) }],
    [{ kind: 'Cast', to: 'uint8' }, {}, { to: int(2) }],
    [{ kind: 'Cast', to: 'float16' }, {}, { to: int(10) }],
    [{ kind: 'Sub' }, { mean: float32([1, 3, 1, 1], new Float32Array(3)) }, {}],
    [{ kind: 'QuantizeLinear' }, { scale, zero: narrow }, {}],
    [{ kind: 'QuantizeLinear', axis: 0 }, { scale, zero: narrow }, { axis: int(0) }],
  ])('%j has the attributes of its ONNX operator', (op, constants, attributes) => {
    expect(decoded(single(op, constants)).graph.nodes[0]?.attributes).toEqual(new Map(Object.entries(attributes)));
  });

  test('a convolution and a head write out every attribute that readers disagree on', () => {
    expect(Object.fromEntries(decoded(stem()).graph.nodes[0]!.attributes)).toEqual({
      dilations: ints(1, 1),
      group: int(1),
      kernel_shape: ints(3, 3),
      pads: ints(1, 0, 2, 1),
      strides: ints(2, 1),
    });
    const head: Graph = {
      ...single({ kind: 'Gemm', transB: true }, { w: float32([2, 48], new Float32Array(96)) }),
      inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 48] }],
    };
    expect(decoded(head).graph.nodes[0]?.attributes).toEqual(new Map([['transB', int(1)]]));
  });
});
