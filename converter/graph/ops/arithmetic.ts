import type { Fact } from '../graph.ts';
import { broadcastDims } from './dims.ts';
import type { Decoder, Definition } from './types.ts';

export type Binary = 'Add' | 'Sub' | 'Mul' | 'Div';

function binary<K extends Binary>(): Definition<K> {
  return {
    arity: 2,
    infer: (_, inputs, fail) => {
      const [x, y] = inputs as readonly [Fact, Fact];
      if (x.dtype !== y.dtype) fail('inputs of one type');
      return { dtype: x.dtype, dims: broadcastDims(x.dims, y.dims) ?? fail('inputs of one shape') };
    },
    encode: () => ({}),
  };
}

export const arithmetic: { readonly [K in Binary]: Definition<K> } = {
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(),
};

/** `Sum` of two is an `Add`. */
export const decodeBinary: Decoder = (source) => {
  if (source.inputs.length !== 2) return source.refuse(`two inputs, received ${source.inputs.length}`);
  const kind = source.op === 'Sum' ? 'Add' : (source.op as Binary);
  return { op: { kind }, inputs: [source.input(0), source.input(1)] };
};
