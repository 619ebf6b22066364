import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isResedgeError } from '../../../src/errors.ts';
import { concat, encodeModel } from '../../../src/onnx/encode.ts';
import { readMetadata } from '../../../src/onnx/header.ts';
import { decodeMetadata, encodeMetadata, METADATA_KEYS, type ModelMetadata } from '../../../src/onnx/metadata.ts';
import { golden, tinyModel } from './files.ts';

const META: ModelMetadata = {
  labels: ['cat', 'dog, "the" 犬'],
  labelIds: ['n02123045', 'n02084071'],
  preprocessing: {
    input: 'raw',
    layout: 'nhwc',
    channels: 'rgb',
    inputSize: 224,
    resize: 256,
    interpolation: 'bilinear',
    scale: 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  output: 'logits',
  arch: 'resnet18',
  precision: 'int8',
  scheme: 'u8s8-safe',
  source: { file: 'resnet18.pth', format: 'pytorch-zip', sha256: '0123456789abcdef'.repeat(4) },
  tool: 'resedge 0.1.0',
  licence: 'BSD-3-Clause',
};

function failure(entries: ReadonlyMap<string, string>): string {
  try {
    decodeMetadata(entries);
  } catch (error) {
    expect(isResedgeError(error, 'input')).toBe(true);
    return (error as Error).message;
  }
  throw new Error('expected a failure');
}

const withEntry = (key: string, value: string): ReadonlyMap<string, string> =>
  new Map(encodeMetadata(META)).set(key, value);
const withPreprocessing = (change: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  withEntry(METADATA_KEYS.preprocessing, JSON.stringify({ ...META.preprocessing, ...change }));

describe('model metadata', () => {
  it('comes back from a model file', () => {
    expect(decodeMetadata(readMetadata(concat(encodeModel(tinyModel({}, encodeMetadata(META))))))).toEqual(META);
  });

  it('leaves out what a model does not have', () => {
    const { labelIds: _, licence: __, ...rest } = META;
    const plain: ModelMetadata = { ...rest, precision: 'fp32', scheme: null };
    const entries = encodeMetadata(plain);
    expect([...entries.keys()]).not.toContain(METADATA_KEYS.scheme);
    expect(decodeMetadata(entries)).toEqual(plain);
  });

  it('gives the same text whatever the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(META.preprocessing).reverse()) as ModelMetadata['preprocessing'];
    expect([...encodeMetadata({ ...META, preprocessing: reversed })]).toEqual([...encodeMetadata(META)]);
  });

  it('is readable as it stands in the file', () => {
    const entries = encodeMetadata(META);
    expect(entries.get('resedge.labels')).toBe('["cat","dog, \\"the\\" 犬"]');
    expect(entries.get('resedge.output')).toBe('logits');
    expect(entries.get('resedge.source.file')).toBe('resnet18.pth');
  });

  it('ignores entries and keys of newer versions', () => {
    const entries = new Map(withPreprocessing({ antialias: 'future' })).set('resedge.future', '1').set('author', 'x');
    expect(decodeMetadata(entries)).toEqual(META);
  });

  it('keeps how pictures are resized, bilinear where an older file does not say', () => {
    expect(decodeMetadata(withPreprocessing({ interpolation: 'bicubic' })).preprocessing.interpolation).toBe('bicubic');
    expect(decodeMetadata(withPreprocessing({ interpolation: undefined }))).toEqual(META);
  });

  it('names everything that a stranger lacks, and the options that supply it', () => {
    expect(failure(readMetadata(golden('good/typed.onnx')))).toBe(
      'expected a model made by resedge convert, received one without the metadata resedge.labels, resedge.preprocessing, ' +
        'resedge.output, resedge.arch, resedge.precision, resedge.source.file, resedge.source.format, ' +
        'resedge.source.sha256, resedge.tool; convert its weights with: resedge convert <weights> -o <model.onnx> ' +
        '--labels <file> --input-size <px> --resize <px> --interpolation <name> --mean a,b,c --std a,b,c --scale <n> ' +
        '--channels rgb|bgr --arch <name> --precision <name>',
    );
  });

  it('names only what is missing', () => {
    const entries = new Map(encodeMetadata(META));
    entries.delete(METADATA_KEYS.labels);
    const message = failure(entries);
    expect(message).toContain('without the metadata resedge.labels; ');
    expect(message).toMatch(/<model.onnx> --labels <file>$/);
  });

  it.each<[string, string, RegExp]>([
    ['labels', 'cat', /expected JSON as resedge.labels .* received "cat"/],
    ['labels', '[]', /one or more strings as resedge.labels/],
    ['labels', '["cat", 1]', /one or more strings as resedge.labels/],
    ['labelIds', '["n1"]', /expected 2 ids, one for each label as resedge.label_ids/],
    ['output', 'scores', /"logits" or "probabilities" as resedge.output .* received "scores"/],
    ['precision', 'int4', /"fp32" or "fp16" or "int8" as resedge.precision/],
    ['arch', '', /expected text as resedge.arch .* received ""/],
    ['sourceSha256', 'ABC', /64 lower-case hexadecimal digits as resedge.source.sha256/],
    ['preprocessing', '[]', /expected an object as resedge.preprocessing .* received \[\]/],
    ['preprocessing', 'null', /expected an object as resedge.preprocessing/],
    ['preprocessing', '{}', /a whole number from 1 to 8192 as resedge.preprocessing.inputSize .* received nothing/],
  ])('refuses %s = %s', (key, value, message) => {
    expect(failure(withEntry(METADATA_KEYS[key as keyof typeof METADATA_KEYS], value))).toMatch(message);
  });

  it.each<[string, unknown, RegExp]>([
    ['input', 'grey', /"raw" or "float"/],
    ['layout', 1, /"nhwc" or "nchw"/],
    ['channels', null, /"rgb" or "bgr"/],
    ['interpolation', 'nearest', /"bilinear" or "bicubic"/],
    ['inputSize', '224', /a whole number from 1 to 8192/],
    ['inputSize', 8193, /a whole number/],
    ['resize', 223, /a whole number from 224 to 8192/],
    ['scale', 0, /a number above 0/],
    ['mean', [1, 2], /three numbers as/],
    ['mean', [1, 2, '3'], /three numbers as/],
    ['std', [1, 0, 1], /three numbers above 0/],
  ])('refuses preprocessing with %s = %j', (key, value, message) => {
    const text = failure(withPreprocessing({ [key]: value }));
    expect(text).toMatch(message);
    expect(text).toContain(`resedge.preprocessing.${key}`);
  });

  it('does not write what it would not read', () => {
    expect(() => encodeMetadata({ ...META, labels: [] })).toThrow(/one or more strings/);
    expect(() => encodeMetadata({ ...META, preprocessing: { ...META.preprocessing, scale: Number.NaN } })).toThrow(
      /above 0/,
    );
  });

  it('answers any text with its own one-line error', () => {
    const key = fc.constantFrom(...Object.values(METADATA_KEYS));
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 3 }), (changes) => {
        const entries = new Map([...encodeMetadata(META), ...changes]);
        try {
          decodeMetadata(entries);
        } catch (error) {
          if (!isResedgeError(error, 'input')) throw error;
          expect(error.message).not.toMatch(/\n/);
          expect(error.message.length).toBeLessThan(300);
        }
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});

describe('what learn adds', () => {
  const learned = { base: 'ab'.repeat(32), pictures: [10, 12], seed: 3, recipe: 'SGD', accuracy: 0.9, threshold: 0.6 };

  it('comes back, beside entries that are not for everybody', () => {
    const entries = new Map(encodeMetadata({ ...META, learned }));
    entries.set(METADATA_KEYS.memory, 'features');
    expect(decodeMetadata(entries)).toEqual({ ...META, learned });
  });

  it.each([
    ['pictures of other classes', { pictures: [1] }, '2 numbers, one for each label'],
    ['a threshold above 1', { threshold: 1.5 }, 'a number from 0 to 1 as resedge.learned.threshold'],
    ['half a picture', { pictures: [1, 0.5] }, 'a whole number from 0'],
  ])('%s are refused', (_, change, message) => {
    const entries = new Map(encodeMetadata({ ...META, learned }));
    entries.set(METADATA_KEYS.learned, JSON.stringify({ ...learned, ...change }));
    expect(failure(entries)).toContain(message);
  });
});
