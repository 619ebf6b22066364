import { INTERPOLATIONS, type Preprocessing } from '../tensor/preprocessing.ts';
import { asOneOf, asPositive, asRecord, asTriple, asWhole, parseJson } from './check.ts';

/** Longest side of a picture that a model may ask for. */
const MAX_INPUT_SIZE = 8192;

/** A {@link Preprocessing} as the JSON of a metadata entry: the same one gives the same text, whatever the order of its keys. */
export function formatPreprocessing(preprocessing: Preprocessing): string {
  const { input, layout, channels, inputSize, resize, interpolation, scale, mean, std } = preprocessing;
  const ordered: Preprocessing = { input, layout, channels, inputSize, resize, interpolation, scale, mean, std };
  return JSON.stringify(ordered);
}

/**
 * Reads a {@link Preprocessing} from the JSON of the metadata entry `where`; unknown keys are left out, an interpolation that is not
 * stated is bilinear. Code `input`.
 */
export function parsePreprocessing(where: string, text: string): Preprocessing {
  const json = asRecord(where, parseJson(where, text));
  const inputSize = asWhole(`${where}.inputSize`, json['inputSize'], 1, MAX_INPUT_SIZE);
  return {
    input: asOneOf(`${where}.input`, json['input'], ['raw', 'float']),
    layout: asOneOf(`${where}.layout`, json['layout'], ['nhwc', 'nchw']),
    channels: asOneOf(`${where}.channels`, json['channels'], ['rgb', 'bgr']),
    inputSize,
    resize: asWhole(`${where}.resize`, json['resize'], inputSize, MAX_INPUT_SIZE),
    interpolation: asOneOf(`${where}.interpolation`, json['interpolation'] ?? 'bilinear', INTERPOLATIONS),
    scale: asPositive(`${where}.scale`, json['scale']),
    mean: asTriple(`${where}.mean`, json['mean'], -Infinity),
    std: asTriple(`${where}.std`, json['std'], 0),
  };
}
