import type { LayerReader } from '../types.ts';

/** Numbers of an image lie as Keras lays them out. */
const flatten: LayerReader = (call) => {
  const value = call.input();
  const { dims } = value.fact;
  if (dims.length === 2) return value;
  if (dims.length !== 4) return call.refuse(`an image, received ${dims.length} dimensions`);
  const plain = !call.channelsLast || (dims[2] === 1 && dims[3] === 1);
  const last = plain ? value : call.emit({ kind: 'Transpose', perm: [0, 2, 3, 1] }, [value]);
  return call.emit({ kind: 'Flatten', axis: 1 }, [last]);
};

/** A row as an image of one pixel, or back. */
const reshape: LayerReader = (call) => {
  const target = call.raw('target_shape');
  const { dims } = call.input().fact;
  const sizes = Array.isArray(target) ? target.map(Number) : [];
  const channels = call.channelsLast ? sizes[2] : sizes[0];
  const others = call.channelsLast ? sizes.slice(0, 2) : sizes.slice(1);
  if (sizes.length === 1) return flatten(call);
  if (dims.length === 4 && dims[2] === 1 && dims[3] === 1 && isPixel()) return call.input();
  if (dims.length !== 2 || !isPixel())
    return call.refuse(`a target of [1, 1, channels] or of one number, received [${sizes}]`);
  return call.emit({ kind: 'Reshape', shape: [0, Number(dims[1]), 1, 1] }, [call.input()]);

  function isPixel(): boolean {
    return sizes.length === 3 && others.every((size) => size === 1) && (channels === dims[1] || channels === -1);
  }
};

/** Does nothing once training is over. */
const same: LayerReader = (call) => call.input();

const TRAINING_ONLY = [
  'ActivityRegularization',
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'RandomBrightness',
  'RandomContrast',
  'RandomFlip',
  'RandomRotation',
  'RandomTranslation',
  'RandomZoom',
  'SpatialDropout2D',
];

export const shapes: Readonly<Record<string, LayerReader>> = {
  ...Object.fromEntries(TRAINING_ONLY.map((kind) => [kind, same])),
  Flatten: flatten,
  Reshape: reshape,
};
