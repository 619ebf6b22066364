import type { Fact } from '../graph.ts';
import { imageDims, sameDims, windowDims } from './dims.ts';
import { type Decoder, type Definition, int, ints } from './types.ts';
import { windowOf } from './window.ts';

export const conv: Definition<'Conv'> = {
  arity: 2,
  infer: (op, inputs, fail) => {
    const [x, weight, bias] = inputs as readonly [Fact, Fact, Fact?];
    const [n, c, h, w] = imageDims(x, fail);
    const [out, perGroup, kh, kw] = weight.dims;
    if (!isFloat(x) || weight.dtype !== x.dtype) fail('input and weight of one float type');
    if (typeof out !== 'number' || typeof perGroup !== 'number' || kh !== op.kernel[0] || kw !== op.kernel[1]) {
      return fail(`a weight of kernel ${op.kernel.join(' x ')}`);
    }
    if (c !== perGroup * op.group || out % op.group !== 0) fail(`${perGroup * op.group} input channels`);
    if (bias && !sameDims(bias.dims, [out])) fail(`a bias of [${out}]`);
    const size = windowDims(op, [h, w]);
    if (size.some((dim) => typeof dim === 'number' && dim < 1)) fail('an image larger than the kernel');
    return { dtype: x.dtype, dims: [n, out, ...size] };
  },
  encode: ({ dilations = [1, 1], group, kernel, pads, strides }) => ({
    attributes: {
      dilations: ints(dilations),
      group: int(group),
      kernel_shape: ints(kernel),
      pads: ints(pads),
      strides: ints(strides),
    },
  }),
};

export const decodeConv: Decoder = (source) => {
  const weight = source.constant(1, 'weights');
  const [, , ...size] = weight.dims;
  const { dilations, ...window } = windowOf(source, size);
  const group = source.int('group', 1);
  const dilated = dilations.some((dilation) => dilation !== 1);
  const bias = source.inputs[2] === undefined ? [] : [source.constant(2, 'a bias')];
  return {
    op: { kind: 'Conv', ...window, group, ...(dilated ? { dilations } : {}) },
    inputs: [source.input(0), weight, ...bias],
  };
};

function isFloat({ dtype }: Fact): boolean {
  return dtype === 'float32' || dtype === 'float16';
}
