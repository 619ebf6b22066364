import { DTYPE_CODES } from '../../../src/onnx/wire.ts';
import type { Fact } from '../graph.ts';
import { type Definition, int } from './types.ts';

export const cast: Definition<'Cast'> = {
  arity: 1,
  infer: ({ to }, [x]) => ({ dtype: to, dims: x!.dims }),
  encode: ({ to }) => ({ attributes: { to: int(DTYPE_CODES[to]) } }),
};

export const quantizeLinear: Definition<'QuantizeLinear'> = {
  arity: 3,
  infer: (_, inputs) => {
    const [x, , zeroPoint] = inputs as readonly [Fact, Fact, Fact];
    return { dtype: zeroPoint.dtype, dims: x.dims };
  },
  encode: ({ axis }) => (axis === undefined ? {} : { attributes: { axis: int(axis) } }),
};

export const dequantizeLinear: Definition<'DequantizeLinear'> = {
  arity: 3,
  infer: (_, [x]) => ({ dtype: 'float32', dims: x!.dims }),
  encode: ({ axis }) => (axis === undefined ? {} : { attributes: { axis: int(axis) } }),
};
