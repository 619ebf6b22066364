import type { Call, LayerReader, Value } from '../types.ts';
import { isPair } from './pairs.ts';
import { padsOf } from './window.ts';

const maxPooling: LayerReader = (call) => {
  const { value, dims } = call.image();
  const kernel = call.pair('pool_size', [2, 2]);
  const strides = call.pair('strides', kernel);
  const pads = padsOf(call, [dims[1], dims[2]], kernel, strides);
  return call.emit({ kind: 'MaxPool', kernel, strides, pads }, [value]);
};

/** TensorFlow does not count padding. */
const averagePooling: LayerReader = (call) => {
  const { value, dims } = call.image();
  const kernel = call.pair('pool_size', [2, 2]);
  const strides = call.pair('strides', kernel);
  const pads = padsOf(call, [dims[1], dims[2]], kernel, strides);
  return call.emit({ kind: 'AveragePool', kernel, strides, pads, countPadding: false, ceil: false }, [value]);
};

const globalAverage: LayerReader = (call) =>
  asRow(call, call.emit({ kind: 'GlobalAveragePool' }, [call.image().value]));

const globalMax: LayerReader = (call) => {
  const { value, dims } = call.image();
  const kernel = [dims[1], dims[2]] as const;
  return asRow(call, call.emit({ kind: 'MaxPool', kernel, strides: [1, 1], pads: [0, 0, 0, 0] }, [value]));
};

/** [N, C, 1, 1] as [N, C], unless the layer keeps its dimensions. */
function asRow(call: Call, value: Value): Value {
  return call.flag('keepdims', false) ? value : call.emit({ kind: 'Flatten', axis: 1 }, [value]);
}

/** `padding`: one number, one for rows and one for columns, or a pair for each. */
const zeroPadding: LayerReader = (call) => {
  const padding = call.raw('padding') ?? 1;
  const [rows, columns] = Array.isArray(padding) ? padding : [padding, padding];
  const [before, after] = [rows, columns].map((ends) => (Array.isArray(ends) ? ends : [ends, ends])) as [
    unknown,
    unknown,
  ];
  if (!isPair(before, 0) || !isPair(after, 0)) return call.refuse('counts of 0 or more as padding');
  const pads = [0, 0, before[0], after[0], 0, 0, before[1], after[1]];
  if (pads.every((count) => count === 0)) return call.input();
  return call.emit({ kind: 'Pad', pads, value: 0 }, [call.image().value]);
};

export const pools: Readonly<Record<string, LayerReader>> = {
  AveragePooling2D: averagePooling,
  GlobalAveragePooling2D: globalAverage,
  GlobalMaxPooling2D: globalMax,
  MaxPooling2D: maxPooling,
  ZeroPadding2D: zeroPadding,
};
