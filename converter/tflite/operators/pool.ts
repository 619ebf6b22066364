import type { Op } from '../../graph/op.ts';
import type { OperatorReader } from '../types.ts';
import { activated } from './activation.ts';
import { channelsFirst, channelsLast, imageDims, padsOf, pairOption } from './image.ts';
import { axisIn, flagOption } from './options.ts';

const ACTIVATION = 5;

function pool(rest: { readonly kind: 'MaxPool' } | { readonly kind: 'AveragePool' }): OperatorReader {
  return (call) => {
    const value = call.value(0);
    const [h, w] = imageDims(call, value);
    const [strides, kernel] = [pairOption(call, 1, 0), pairOption(call, 3, 0)];
    const window = { kernel, strides, pads: padsOf(call, [h, w], kernel, strides) };
    // TensorFlow does not count padding.
    const op: Op =
      rest.kind === 'MaxPool' ? { ...rest, ...window } : { ...rest, ...window, countPadding: false, ceil: false };
    return channelsLast(call, activated(call, op, [channelsFirst(call, value)], ACTIVATION));
  };
}

const mean: OperatorReader = (call) => {
  const value = call.value(0);
  const rank = value.fact.dims.length;
  const given = call.integers(1) ?? call.refuse('axes known before it runs');
  const axes = [...new Set(given.map((axis) => axisIn(call, axis, rank)))].sort((a, b) => a - b);
  return call.emit({ kind: 'ReduceMean', axes, keepDims: flagOption(call, 0) }, [value]);
};

export const pools: Readonly<Record<string, OperatorReader>> = {
  AVERAGE_POOL_2D: pool({ kind: 'AveragePool' }),
  MAX_POOL_2D: pool({ kind: 'MaxPool' }),
  MEAN: mean,
};
