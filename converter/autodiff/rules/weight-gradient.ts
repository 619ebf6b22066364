import { elementCount } from '../../../src/tensor/tensor.ts';
import { int, ints } from '../../graph/ops/types.ts';
import type { Site } from '../site.ts';
import { reshaped, summed } from './elements.ts';
import { multiplied } from './linear.ts';

/** For one place of a kernel: the gradient and what that place saw of the input, images of one size. */
type Pairing = { readonly gradient: string; readonly seen: string };

/**
 * The gradient of a kernel: for every place in it the product of the gradient with what that place saw of the input, summed over
 * pixels and pictures. Products of matrices run three to four times as fast as the convolution that says the same (measured).
 */
export function weightGradient(site: Site<'Conv'>, gradient: string): string {
  const { emit, op, input, dims, outputDims } = site;
  const [n = 1, channels = 1] = dims(0);
  const [, out = 1, rows = 1, columns = 1] = outputDims;
  const { group, kernel } = op;
  const places = kernel[0] * kernel[1];
  // Products of single pictures that were larger than the pictures would take most of the time: then pictures go side by side.
  const merged = places * elementCount(dims(1).slice(0, 2)) >= (out + channels) * rows * columns;
  const exchanged = (image: string): string =>
    merged ? emit.add('Transpose', [image], { perm: ints([1, 0, 2, 3]) }) : image;
  const matrix = (image: string, count: number): string =>
    reshaped(emit, image, merged ? [group, count / group, -1] : [n, group, count / group, -1]);
  const products = pairings(site, exchanged(gradient), exchanged(input(0))).map((pairing) =>
    multiplied(emit, matrix(pairing.gradient, out), matrix(pairing.seen, channels), { transB: true }),
  );
  const all = emit.add('Concat', products, { axis: int(merged ? 0 : 1) });
  const total = merged ? all : summed(emit, all, [0], false);
  const turned = emit.add('Transpose', [reshaped(emit, total, [places, -1])], { perm: ints([1, 0]) });
  return reshaped(emit, turned, dims(1));
}

function pairings(site: Site<'Conv'>, gradient: string, image: string): readonly Pairing[] {
  return site.op.strides.every((stride) => stride === 1)
    ? shiftedPairings(site, gradient, image)
    : stridedPairings(site, gradient, image);
}

/** Every place of a kernel, row by row, by its distance from the first. */
function placesOf({ kernel, dilations = [1, 1] }: Site<'Conv'>['op']): readonly (readonly [number, number])[] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, place) => [
    Math.floor(place / kernel[1]) * dilations[0],
    (place % kernel[1]) * dilations[1],
  ]);
}

/** The gradient is shifted by rows and the input by columns: as many images as the kernel has rows and columns, not places. */
function shiftedPairings(site: Site<'Conv'>, gradient: string, image: string): readonly Pairing[] {
  const { emit, op, dims, outputDims } = site;
  const [, , height = 1, width = 1] = dims(0);
  const [, , rows = 1, columns = 1] = outputDims;
  const shifts = new Map<string, string>();
  const shifted = (value: string, pads: readonly number[]): string => {
    const key = `${value} ${pads}`;
    const known = shifts.get(key);
    if (known !== undefined) return known;
    const moved = pads.every((count) => count === 0) ? value : emit.add('Pad', [value, emit.int64(pads)]);
    shifts.set(key, moved);
    return moved;
  };
  return placesOf(op).map(([down, right]) => {
    const top = down - op.pads[0];
    const left = op.pads[1] - right;
    return {
      gradient: shifted(gradient, [0, 0, top, 0, 0, 0, height - rows - top, 0]),
      seen: shifted(image, [0, 0, 0, left, 0, 0, 0, columns - width - left]),
    };
  });
}

/** One strided cut of the padded input for every place. */
function stridedPairings(site: Site<'Conv'>, gradient: string, image: string): readonly Pairing[] {
  const { emit, op, outputDims } = site;
  const { pads, strides } = op;
  const [, , rows = 1, columns = 1] = outputDims;
  const around = [0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]];
  const padded = pads.every((pad) => pad === 0) ? image : emit.add('Pad', [image, emit.int64(around)]);
  return placesOf(op).map(([down, right]) => {
    const ends = [down + (rows - 1) * strides[0] + 1, right + (columns - 1) * strides[1] + 1];
    return { gradient, seen: emit.add('Slice', [padded, ...[[down, right], ends, [2, 3], strides].map(emit.int64)]) };
  });
}
