import type { OpOf } from '../../graph/op.ts';
import { int, ints } from '../../graph/ops/types.ts';
import type { Emitter } from '../emitter.ts';
import type { Rule, Site } from '../site.ts';
import { reshaped, summed } from './elements.ts';
import { transposedEnds } from './pool.ts';
import { weightGradient } from './weight-gradient.ts';

type ConvSite = Site<'Conv'>;

export const conv: Rule<'Conv'> = (site, gradient) => {
  const { emit, needs, node } = site;
  return [
    needs(0) ? inputGradient(site, gradient) : undefined,
    needs(1) ? weightGradient(site, gradient) : undefined,
    node.inputs.length > 2 && needs(2) ? summed(emit, gradient, [0, 2, 3], false) : undefined,
  ];
};

/** The transposed convolution: with a stride of 1 a convolution with the kernel turned around, which runs twice as fast. */
function inputGradient(site: ConvSite, gradient: string): string {
  const { emit, op, input, dims, outputDims } = site;
  const { kernel, strides, pads, group, dilations = [1, 1] } = op;
  const [, , h = 1, w = 1] = dims(0);
  const [, , rows = 1, columns = 1] = outputDims;
  const flippedPads = pads.map((pad, i) => dilations[i % 2]! * (kernel[i % 2]! - 1) - pad);
  if (strides.every((stride) => stride === 1) && flippedPads.every((pad) => pad >= 0)) {
    return emit.add('Conv', [gradient, turned(emit, input(1), dims(1), op)], {
      dilations: ints(dilations),
      group: int(group),
      kernel_shape: ints(kernel),
      pads: ints(flippedPads),
      strides: ints([1, 1]),
    });
  }
  const { ends, extra } = transposedEnds(op, [h, w], [rows, columns]);
  return emit.add('ConvTranspose', [gradient, input(1)], {
    dilations: ints(dilations),
    group: int(group),
    kernel_shape: ints(kernel),
    output_padding: ints(extra),
    pads: ints([pads[0], pads[1], ...ends]),
    strides: ints(strides),
  });
}

/** A kernel [O, I / group, kh, kw] with inputs and outputs exchanged, [I, O / group, kh, kw], and rows and columns reversed. */
function turned(emit: Emitter, weight: string, dims: readonly number[], { group, kernel }: OpOf<'Conv'>): string {
  const [out = 1, perGroup = 1] = dims;
  const [kh, kw] = kernel;
  let value = weight;
  if (kh * kw > 1) {
    const last = emit.int64([Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
    value = emit.add('Slice', [value, emit.int64([-1, -1]), last, emit.int64([2, 3]), emit.int64([-1, -1])]);
  }
  if (group === 1) return emit.add('Transpose', [value], { perm: ints([1, 0, 2, 3]) });
  const parts = reshaped(emit, value, [group, out / group, perGroup, kh, kw]);
  const exchanged = emit.add('Transpose', [parts], { perm: ints([0, 2, 1, 3, 4]) });
  return reshaped(emit, exchanged, [group * perGroup, out / group, kh, kw]);
}
