import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Calibration } from '../../../converter/calibrate.ts';
import { type Conversion, convert, type Stage } from '../../../converter/convert.ts';
import { type Network, readNetwork } from '../../../converter/network.ts';
import type { RangeMethod } from '../../../converter/quantize/range.ts';
import type { Scheme } from '../../../converter/quantize/scheme.ts';
import { formatTable, parseTable } from '../../../converter/quantize/table.ts';
import { defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { ResedgeError } from '../../errors.ts';
import { toInput } from '../../image/to-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { runModel } from '../backend/runner.ts';
import { readBytes, readText, writeWhole } from '../files.ts';
import { listPictures } from '../image/list.ts';
import { packageProducer } from '../package.ts';
import { numberedLabels, readLabels } from './labels.ts';
import { decodeAll } from './pictures.ts';
import { sample } from './sample.ts';

/** ImageNet's channel means and standard deviations, as torchvision states them. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 } as const;
/** Fewer calibration pictures than this say little about the ranges. */
const FEW_PICTURES = 8;

export type ConvertFileOptions = {
  readonly weights: string;
  readonly output: string;
  readonly arch: string;
  /** What the user states; the rest follows from the architecture. */
  readonly preprocessing: Partial<Preprocessing>;
  /** A file of labels, or the labels. */
  readonly labels?: string | readonly string[];
  readonly licence?: string;
  readonly int8?: {
    readonly scheme: Scheme;
    readonly method: RangeMethod | 'auto';
    /** A folder of pictures or a calibration table. */
    readonly calibrate: string;
    readonly samples: number;
    readonly seed: number;
    /** Where to write the calibration table. */
    readonly saveTable?: string;
  };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

export type ConvertedFile = {
  readonly network: Network;
  readonly conversion: Conversion;
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly warnings: readonly string[];
  /** Calibration pictures that could not be read, named. */
  readonly skipped: readonly string[];
  readonly ms: number;
};

/** Converts a weights file into an ONNX file, which appears whole or not at all. */
export async function convertFile(options: ConvertFileOptions): Promise<ConvertedFile> {
  const started = performance.now();
  const bytes = readBytes(options.weights, 'a weights file');
  const sourceBytes = bytes.length;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const network = named(options.weights, () => readNetwork(bytes, options.arch));
  const preprocessing = completePreprocessing(options.preprocessing, defaultInputSize(network.architecture));
  const warnings = network.warnings.map((warning) => `${options.weights}: ${warning}`);
  const { classes } = network.architecture.head;
  const { labels } = options;
  const names =
    labels === undefined
      ? numberedLabels(classes)
      : typeof labels === 'string'
        ? readLabels(labels, classes)
        : { labels };
  const skipped: string[] = [];
  const calibration =
    options.int8 && (await openCalibration(options.int8, preprocessing, sha256, { warnings, skipped }));

  const conversion = await convert(
    network,
    {
      preprocessing,
      ...names,
      source: { file: basename(options.weights), sha256 },
      ...(options.licence === undefined ? {} : { licence: options.licence }),
      producer: packageProducer(),
      ...(options.int8 && calibration
        ? { int8: { recipe: { scheme: options.int8.scheme, method: options.int8.method }, calibration } }
        : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    },
    runModel,
  );
  const written = writeWhole(options.output, conversion.model);
  if (options.int8?.saveTable !== undefined && conversion.int8 && calibration?.kind === 'pictures') {
    const pictures = calibration.count - skipped.length;
    const table = formatTable({ sha256, pictures, statistics: conversion.int8.statistics });
    writeWhole(options.int8.saveTable, [new TextEncoder().encode(table)]);
  }
  const ms = performance.now() - started;
  return { network, conversion, bytes: written, sourceBytes, warnings, skipped, ms };
}

/** Fills in what the user left open. Throws `usage` for values that no picture could have. */
function completePreprocessing(given: Partial<Preprocessing>, defaultSize: number): Preprocessing {
  const inputSize = given.inputSize ?? defaultSize;
  // ImageNet's custom: 224 of 256. Small pictures are taken as they are.
  const resize = given.resize ?? (inputSize <= 64 ? inputSize : Math.round((inputSize * 256) / 224));
  if (resize < inputSize) {
    throw new ResedgeError('usage', `expected --resize of at least the input size ${inputSize}, received ${resize}`);
  }
  return {
    input: 'raw',
    layout: given.input === 'float' ? 'nchw' : 'nhwc',
    channels: 'rgb',
    interpolation: 'bilinear',
    ...IMAGENET,
    ...given,
    inputSize,
    resize,
  };
}

type Notes = { readonly warnings: string[]; readonly skipped: string[] };

async function openCalibration(
  { calibrate, samples, seed }: NonNullable<ConvertFileOptions['int8']>,
  preprocessing: Preprocessing,
  sha256: string,
  notes: Notes,
): Promise<Calibration> {
  if (isFile(calibrate)) {
    const table = named(calibrate, () =>
      parseTable(readText(calibrate, 'a folder of pictures or a calibration table')),
    );
    if (table.sha256 !== sha256) {
      throw new ResedgeError(
        'input',
        `${calibrate}: expected a calibration table of these weights (SHA-256 ${sha256.slice(0, 12)}...), it was made from others (${table.sha256.slice(0, 12)}...)`,
      );
    }
    return { kind: 'table', statistics: table.statistics };
  }
  const found = await listPictures([calibrate]);
  if (found.length === 0) {
    throw new ResedgeError('input', `${calibrate}: expected calibration pictures (JPEG, PNG, WebP, ...), found none`);
  }
  const chosen = sample(found, samples, seed);
  if (chosen.length < FEW_PICTURES) {
    notes.warnings.push(
      `${chosen.length} calibration pictures are few: ${FEW_PICTURES} or more, typical of use, give safer ranges`,
    );
  }
  return { kind: 'pictures', inputs: inputsOf(chosen, preprocessing, notes.skipped), count: chosen.length };
}

async function* inputsOf(
  paths: readonly string[],
  preprocessing: Preprocessing,
  skipped: string[],
): AsyncGenerator<Tensor> {
  for await (const decoded of decodeAll(paths, (path) => path, preprocessing)) {
    if (decoded.kind === 'pixels') yield toInput(decoded.pixels, preprocessing);
    else skipped.push(decoded.message);
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there: the search for pictures says so.
    return false;
  }
}

/** Prefixes an error's message with the file it is about. */
function named<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ResedgeError)) throw error;
    throw new ResedgeError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
