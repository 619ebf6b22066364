import { elementCount } from '../../../src/tensor/tensor.ts';
import type { Window } from '../../graph/op.ts';
import { float, int, ints } from '../../graph/ops/types.ts';
import type { Emitter } from '../emitter.ts';
import type { Rule } from '../site.ts';
import { product, reshaped } from './elements.ts';

/** Where a MaxPool that takes part in learning keeps the places of its maxima. */
export function indicesOf(output: string): string {
  return `${output}/indices`;
}

/** Every gradient goes to the place of its maximum; where windows overlap they add up. */
export const maxPool: Rule<'MaxPool'> = ({ emit, input, output, dims, outputDims }, gradient) => {
  const count = elementCount(dims(0));
  const flat = (value: string, size: number): string => reshaped(emit, value, [size]);
  const zeros = emit.add('HardSigmoid', [flat(input(0), count)], { alpha: float(0), beta: float(0) });
  const size = elementCount(outputDims);
  const scattered = emit.add('ScatterElements', [zeros, flat(indicesOf(output), size), flat(gradient, size)], {
    axis: int(0),
    reduction: { kind: 'string', value: 'add' },
  });
  return [reshaped(emit, scattered, dims(0))];
};

/** Every gradient is spread evenly over its window: a transposed convolution of single planes with ones. */
export const averagePool: Rule<'AveragePool'> = ({ emit, op, dims, outputDims }, gradient) => {
  const [n = 1, c = 1, h = 1, w = 1] = dims(0);
  const [, , rows = 1, columns = 1] = outputDims;
  const { kernel, strides, pads } = op;
  const [tall, wide] = [windowSizes(op, h, rows, 0), windowSizes(op, w, columns, 1)];
  const shares = Float32Array.from({ length: rows * columns }, (_, i) => {
    return 1 / (tall[Math.floor(i / columns)]! * wide[i % columns]!);
  });
  const share = emit.constant({ dtype: 'float32', dims: [rows, columns], data: shares });
  const planes = reshaped(emit, product(emit, gradient, share), [n * c, 1, rows, columns]);
  const ones = ones4(emit, kernel);
  const { ends, extra } = transposedEnds(op, [h, w], [rows, columns]);
  const spread = emit.add('ConvTranspose', [planes, ones], {
    kernel_shape: ints(kernel),
    strides: ints(strides),
    pads: ints([pads[0], pads[1], ...ends]),
    output_padding: ints(extra),
  });
  return [reshaped(emit, spread, dims(0))];
};

function ones4(emit: Emitter, [rows, columns]: readonly [number, number]): string {
  const data = new Float32Array(rows * columns).fill(1);
  return emit.constant({ dtype: 'float32', dims: [1, 1, rows, columns], data });
}

/** Pixels that each window along one axis divides by. */
function windowSizes(
  { kernel, strides, pads, countPadding }: Window & { readonly countPadding: boolean },
  size: number,
  windows: number,
  axis: 0 | 1,
): readonly number[] {
  const [from, to] = countPadding ? [-pads[axis], size + pads[axis + 2]!] : [0, size];
  return Array.from({ length: windows }, (_, i) => {
    const start = i * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], to) - Math.max(start, from);
  });
}

/**
 * What a transposed convolution has to cut from the end of an axis, or to add there, so that it makes an image of the size that the
 * window was slid over.
 */
export function transposedEnds(
  { kernel, strides, pads, dilations = [1, 1] }: Window & { readonly dilations?: readonly [number, number] },
  size: readonly [number, number],
  windows: readonly [number, number],
): { readonly ends: readonly number[]; readonly extra: readonly number[] } {
  const surplus = ([0, 1] as const).map((axis) => {
    const reach = (windows[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1;
    return reach - pads[axis] - size[axis];
  });
  return { ends: surplus.map((count) => Math.max(0, count)), extra: surplus.map((count) => Math.max(0, -count)) };
}
