import type { Dim } from '../graph.ts';
import type { Pads, Pair, Window } from '../op.ts';
import type { Source } from './types.ts';

/** Attributes that Conv and the pools share, with automatic padding resolved for an image of [h, w]. */
type WindowAttributes = Window & { readonly dilations: Pair };

export function windowOf(source: Source, kernelOf?: readonly Dim[]): WindowAttributes {
  const [, , ...size] = source.input(0).fact.dims;
  if (size.length !== 2) return source.refuse(`an image [N, C, H, W], received ${size.length + 2} dimensions`);
  const kernel = pair(source, 'kernel_shape', kernelOf);
  const strides = pair(source, 'strides', [1, 1]);
  const dilations = pair(source, 'dilations', [1, 1]);
  return { kernel, strides, dilations, pads: padsOf(source, size, kernel, strides, dilations) };
}

function pair(source: Source, name: string, otherwise?: readonly Dim[]): Pair {
  const values = source.ints(name) ?? otherwise;
  const [a, b] = values ?? [];
  if (values?.length !== 2 || typeof a !== 'number' || typeof b !== 'number' || a < 1 || b < 1) {
    return source.refuse(`two numbers above 0 as ${name}, received [${values ?? ''}]`);
  }
  return [a, b];
}

function padsOf(source: Source, size: readonly Dim[], kernel: Pair, strides: Pair, dilations: Pair): Pads {
  const automatic = source.text('auto_pad', 'NOTSET');
  switch (automatic) {
    case 'VALID':
      return [0, 0, 0, 0];
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      const [top, bottom] = same(source, size[0], kernel[0], strides[0], dilations[0], automatic);
      const [left, right] = same(source, size[1], kernel[1], strides[1], dilations[1], automatic);
      return [top, left, bottom, right];
    }
    case 'NOTSET':
      return explicit(source, source.ints('pads') ?? [0, 0, 0, 0]);
    default:
      return source.refuse(`NOTSET, VALID, SAME_UPPER or SAME_LOWER as auto_pad, received ${automatic}`);
  }
}

/** Old exporters wrote one pair for both ends. */
function explicit(source: Source, pads: readonly number[]): Pads {
  const [top, left, bottom = top, right = left] = pads;
  if (top === undefined || left === undefined || bottom === undefined || right === undefined || pads.length > 4) {
    return source.refuse(`four numbers as pads, received [${pads}]`);
  }
  if (pads.some((pad) => pad < 0)) return source.refuse(`pads of 0 or more, received [${pads}]`);
  return [top, left, bottom, right];
}

/** Padding that makes ceil(size / stride) windows, in two parts: the smaller comes first. */
export function samePadding(size: number, kernel: number, stride: number, dilation: number): readonly [number, number] {
  const reach = dilation * (kernel - 1) + 1;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Padding before and after: an odd pixel goes after, or before for SAME_LOWER. */
function same(
  source: Source,
  size: Dim | undefined,
  kernel: number,
  stride: number,
  dilation: number,
  mode: 'SAME_UPPER' | 'SAME_LOWER',
): readonly [number, number] {
  if (typeof size !== 'number') return source.refuse(`a known image size for auto_pad ${mode}`);
  const [less, more] = samePadding(size, kernel, stride, dilation);
  return mode === 'SAME_UPPER' ? [less, more] : [more, less];
}
