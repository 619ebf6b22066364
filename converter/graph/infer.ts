import { ResedgeError } from '../../src/errors.ts';
import type { Dim, Fact, Node } from './graph.ts';
import type { Op, Pads, Pair } from './op.ts';

/** The fact of a node's output, from those of its inputs. Throws `internal` naming the node where they do not fit. */
export function infer(node: Node, inputs: readonly Fact[]): Fact {
  const { op } = node;
  const fail = (expected: string): never => {
    const received = inputs.map((fact) => `${fact.dtype}[${fact.dims.join(', ')}]`).join(', ');
    throw new ResedgeError('internal', `expected ${expected} for ${node.name} (${op.kind}), received ${received}`);
  };
  const at = (index: number): Fact => inputs[index] ?? fail(`at least ${index + 1} inputs`);
  const x = at(0);
  switch (op.kind) {
    case 'Conv': {
      const [n, c, h, w] = imageDims(x) ?? fail('a 4-dimensional input');
      const weight = at(1);
      const [out, perGroup, kh, kw] = weight.dims;
      if (x.dtype !== 'float32' || weight.dtype !== 'float32') fail('float32 input and weight');
      if (typeof out !== 'number' || typeof perGroup !== 'number' || kh !== op.kernel[0] || kw !== op.kernel[1]) {
        return fail(`a weight of kernel ${op.kernel.join(' x ')}`);
      }
      if (c !== perGroup * op.group || out % op.group !== 0) fail(`${perGroup * op.group} input channels`);
      if (inputs.length > 2 && !sameDims(at(2).dims, [out])) fail(`a bias of [${out}]`);
      return { dtype: 'float32', dims: [n, out, ...windowDims(op, [h, w])] };
    }
    case 'BatchNormalization': {
      const [, c] = imageDims(x) ?? fail('a 4-dimensional input');
      if (inputs.length !== 5 || inputs.slice(1).some((fact) => !sameDims(fact.dims, [c]))) {
        fail(`four parameters of [${c}]`);
      }
      return x;
    }
    case 'MaxPool': {
      const [n, c, h, w] = imageDims(x) ?? fail('a 4-dimensional input');
      return { dtype: x.dtype, dims: [n, c, ...windowDims(op, [h, w])] };
    }
    case 'GlobalAveragePool': {
      const [n, c] = imageDims(x) ?? fail('a 4-dimensional input');
      return { dtype: x.dtype, dims: [n, c, 1, 1] };
    }
    case 'Flatten': {
      const product = (dims: readonly Dim[]): Dim =>
        dims.length === 1 && dims[0] !== undefined
          ? dims[0]
          : dims.reduce<number>((a, b) => (typeof b === 'number' ? a * b : Number.NaN), 1);
      return { dtype: x.dtype, dims: [product(x.dims.slice(0, op.axis)), product(x.dims.slice(op.axis))] };
    }
    case 'Gemm': {
      const [a, b] = at(1).dims;
      const [features, classes] = op.transB ? [b, a] : [a, b];
      if (x.dims.length !== 2 || x.dims[1] !== features || classes === undefined) fail(`[N, ${features}] as input`);
      return { dtype: x.dtype, dims: [x.dims[0] ?? 'N', classes ?? 0] };
    }
    case 'Add':
    case 'Sub': {
      const y = at(1);
      if (x.dtype !== y.dtype) fail('inputs of one type');
      if (op.kind === 'Add' ? !sameDims(x.dims, y.dims) : !broadcasts(x.dims, y.dims)) fail('inputs of one shape');
      return x;
    }
    case 'Relu':
      return x;
    case 'Cast':
      return { dtype: op.to, dims: x.dims };
    case 'Transpose':
      return { dtype: x.dtype, dims: op.perm.map((axis) => x.dims[axis] ?? fail(`${op.perm.length} dimensions`)) };
    case 'Pad':
      return {
        dtype: x.dtype,
        dims: x.dims.map((dim, axis) => {
          const added = (op.pads[axis] ?? 0) + (op.pads[axis + x.dims.length] ?? 0);
          return typeof dim === 'number' ? dim + added : added === 0 ? dim : fail(`a known size on axis ${axis}`);
        }),
      };
    case 'QuantizeLinear':
      return { dtype: at(2).dtype, dims: x.dims };
    case 'DequantizeLinear':
      return { dtype: 'float32', dims: x.dims };
  }
}

function imageDims(fact: Fact): readonly [Dim, Dim, Dim, Dim] | undefined {
  const [n, c, h, w] = fact.dims;
  if (fact.dims.length !== 4 || n === undefined || c === undefined || h === undefined || w === undefined)
    return undefined;
  return [n, c, h, w];
}

function windowDims(
  op: Extract<Op, { readonly kernel: Pair; readonly strides: Pair; readonly pads: Pads }>,
  [h, w]: readonly [Dim, Dim],
): [Dim, Dim] {
  const size = (dim: Dim, axis: 0 | 1): Dim =>
    typeof dim === 'string'
      ? dim
      : Math.floor((dim + op.pads[axis] + op.pads[axis + 2]! - op.kernel[axis]) / op.strides[axis]) + 1;
  return [size(h, 0), size(w, 1)];
}

export function sameDims(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

function broadcasts(a: readonly Dim[], b: readonly Dim[]): boolean {
  return b.length <= a.length && b.every((dim, i) => dim === 1 || dim === a[a.length - b.length + i]);
}
