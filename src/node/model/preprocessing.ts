import type { Network } from '../../../converter/network.ts';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';

/** ImageNet's channel means and standard deviations, as torchvision states them. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 } as const;

/** Fills in what the user left open. Throws `usage` for values that no picture could have. */
export function completePreprocessing(given: Partial<Preprocessing>, source: Network['preprocessing']): Preprocessing {
  const inputSize = given.inputSize ?? source.inputSize;
  const stated = inputSize === source.inputSize ? source.resize : undefined;
  // ImageNet's custom: 224 of 256. Small pictures are taken as they are.
  const resize = given.resize ?? stated ?? (inputSize <= 64 ? inputSize : Math.round((inputSize * 256) / 224));
  if (resize < inputSize) {
    throw new ResedgeError('usage', `expected --resize of at least the input size ${inputSize}, received ${resize}`);
  }
  return {
    input: 'raw',
    channels: 'rgb',
    interpolation: 'bilinear',
    ...IMAGENET,
    ...source,
    layout: given.input === 'float' ? (source.layout ?? 'nchw') : 'nhwc',
    ...given,
    inputSize,
    resize,
  };
}
