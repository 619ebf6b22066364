import type { Attribute } from '../../src/onnx/schema.ts';
import type { Op } from '../graph/op.ts';

const int = (value: number): Attribute => ({ kind: 'int', value });
const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });

/** onnx.proto's numbers of the element types that Cast may name. */
const CAST_TARGETS: Readonly<Record<string, number>> = { float32: 1, uint8: 2, int8: 3, float16: 10 };

/** An op's attributes as ONNX writes them; defaults that readers disagree on are written out. */
export function onnxAttributes(op: Op): ReadonlyMap<string, Attribute> {
  switch (op.kind) {
    case 'Conv':
      return new Map([
        ['dilations', ints([1, 1])],
        ['group', int(op.group)],
        ['kernel_shape', ints(op.kernel)],
        ['pads', ints(op.pads)],
        ['strides', ints(op.strides)],
      ]);
    case 'MaxPool':
      return new Map([
        ['kernel_shape', ints(op.kernel)],
        ['pads', ints(op.pads)],
        ['strides', ints(op.strides)],
      ]);
    case 'BatchNormalization':
      return new Map<string, Attribute>([['epsilon', { kind: 'float', value: op.epsilon }]]);
    case 'Flatten':
      return new Map([['axis', int(op.axis)]]);
    case 'Gemm':
      return new Map([['transB', int(op.transB ? 1 : 0)]]);
    case 'Transpose':
      return new Map([['perm', ints(op.perm)]]);
    case 'Cast':
      return new Map([['to', int(CAST_TARGETS[op.to] ?? 0)]]);
    case 'Pad':
      return new Map<string, Attribute>([['mode', { kind: 'string', value: 'constant' }]]);
    case 'QuantizeLinear':
    case 'DequantizeLinear':
      return op.axis === undefined ? new Map() : new Map([['axis', int(op.axis)]]);
    case 'Relu':
    case 'Add':
    case 'Sub':
    case 'GlobalAveragePool':
      return new Map();
  }
}
