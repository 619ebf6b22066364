import type { Precision } from '../../device/profile.ts';
import { concat, encodeModel } from '../../onnx/encode.ts';
import type { Attribute, Model, NamedTensor, OnnxNode } from '../../onnx/schema.ts';
import { DTYPE_CODES } from '../../onnx/wire.ts';
import { toHalf } from '../../tensor/half.ts';

export const PROBE_PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];

const CHANNELS = 4;
const SIDE = 6;
const KERNEL = 3;
const DIMS = [1, CHANNELS, SIDE, SIDE] as const;
const WEIGHT_DIMS = [CHANNELS, CHANNELS, KERNEL, KERNEL] as const;

/** Whole numbers so small that every precision holds every sum: the three models give the same output to the digit. */
export const PROBE_INPUT: Float32Array = Float32Array.from({ length: CHANNELS * SIDE * SIDE }, (_, i) => (i * 5) % 3);
const WEIGHTS = Array.from({ length: CHANNELS * CHANNELS * KERNEL * KERNEL }, (_, i) => ((i * 7) % 5) - 2);

/** Relu of the convolution with a border of zeros, computed one by one (ONNX operator Conv, cross-correlation). */
export function probeOutput(): Float32Array {
  const out = new Float32Array(CHANNELS * SIDE * SIDE);
  for (let i = 0; i < out.length; i++) {
    const [to, y, x] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
    let sum = 0;
    for (let k = 0; k < CHANNELS * KERNEL ** 2; k++) {
      const [from, dy, dx] = [Math.floor(k / KERNEL ** 2), Math.floor(k / KERNEL) % KERNEL, k % KERNEL];
      const [row, column] = [y + dy - 1, x + dx - 1];
      if (row < 0 || row >= SIDE || column < 0 || column >= SIDE) continue;
      sum += PROBE_INPUT[(from * SIDE + row) * SIDE + column]! * WEIGHTS[to * CHANNELS * KERNEL ** 2 + k]!;
    }
    out[i] = Math.max(0, sum);
  }
  return out;
}

const int = (value: number): Attribute => ({ kind: 'int', value });
const conv = { pads: { kind: 'ints', value: [1, 1, 1, 1] }, kernel_shape: { kind: 'ints', value: [3, 3] } } as const;

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, Attribute>> = {},
): OnnxNode {
  return { name: output, op, domain: '', inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) };
}

type Part = { readonly nodes: readonly OnnxNode[]; readonly initializers: readonly NamedTensor[] };

const PARTS: Readonly<Record<Precision, Part>> = {
  fp32: {
    nodes: [node('Conv', ['input', 'weight'], 'sum', conv), node('Relu', ['sum'], 'output')],
    initializers: [{ name: 'weight', dtype: 'float32', dims: WEIGHT_DIMS, data: Float32Array.from(WEIGHTS) }],
  },
  fp16: {
    nodes: [
      node('Cast', ['input'], 'half', { to: int(DTYPE_CODES.float16) }),
      node('Conv', ['half', 'weight'], 'sum', conv),
      node('Relu', ['sum'], 'positive'),
      node('Cast', ['positive'], 'output', { to: int(DTYPE_CODES.float32) }),
    ],
    initializers: [{ name: 'weight', dtype: 'float16', dims: WEIGHT_DIMS, data: toHalf(Float32Array.from(WEIGHTS)) }],
  },
  int8: {
    nodes: [
      node('QuantizeLinear', ['input', 'one', 'zero'], 'input.q'),
      node('DequantizeLinear', ['input.q', 'one', 'zero'], 'input.dq'),
      node('DequantizeLinear', ['weight', 'one', 'weight.zero'], 'weight.dq'),
      node('Conv', ['input.dq', 'weight.dq'], 'sum', conv),
      node('Relu', ['sum'], 'positive'),
      node('QuantizeLinear', ['positive', 'one', 'zero'], 'output.q'),
      node('DequantizeLinear', ['output.q', 'one', 'zero'], 'output'),
    ],
    initializers: [
      { name: 'weight', dtype: 'int8', dims: WEIGHT_DIMS, data: Int8Array.from(WEIGHTS) },
      { name: 'one', dtype: 'float32', dims: [], data: Float32Array.of(1) },
      { name: 'zero', dtype: 'uint8', dims: [], data: Uint8Array.of(0) },
      { name: 'weight.zero', dtype: 'int8', dims: [], data: Int8Array.of(0) },
    ],
  },
};

export const PROBE_DIMS: readonly number[] = DIMS;

/** A convolution and a Relu of `input`, float32 [1, 4, 6, 6], to `output` of the same shape, computed in the given precision. */
export function probeModel(precision: Precision): Uint8Array {
  const { nodes, initializers } = PARTS[precision];
  const model: Model = {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    producerName: 'resedge',
    producerVersion: '',
    metadata: new Map(),
    graph: {
      name: 'probe',
      nodes,
      initializers,
      inputs: [{ name: 'input', dtype: 'float32', dims: DIMS }],
      outputs: [{ name: 'output', dtype: 'float32', dims: DIMS }],
      values: [],
    },
  };
  return concat(encodeModel(model));
}
