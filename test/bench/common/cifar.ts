import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { allocateInput, type InputTensor, toInput } from '../../../src/image/to-input.ts';
import { readPicture } from '../../../src/node/image/read-picture.ts';
import { listClassFolders } from '../../../src/node/model/class-folders.ts';
import { IMAGENET } from '../../../src/node/model/preprocessing.ts';
import type { Preprocessing } from '../../../src/tensor/preprocessing.ts';
import type { ModelTensor } from '../../peers/emulate/run-model.ts';
import { cifar10, DATA, workPath } from './folders.ts';
import { resedge } from './resedge.ts';

/** What is wanted of INT8 beside FP32: `drop` is of top-1, all but `sqnrDb` are shares. */
export type Goal = { readonly sqnrDb?: number; readonly agreement?: number; readonly drop: number };

/** A published CIFAR-10 ResNet: its weights' file and its top-1 on the test set re-encoded as JPEG. */
export type Network = {
  readonly name: string;
  readonly file: string;
  readonly top1: number;
  /** By default, without pictures and with weights of 4 bits. */
  readonly goals: { readonly int8: Required<Goal>; readonly none?: Goal; readonly u8s4?: Goal };
};

export const NETWORKS: readonly Network[] = [
  {
    name: 'ResNet-20',
    file: 'resnet20-12fca82f.th',
    top1: 0.8103,
    goals: {
      int8: { sqnrDb: 30.3, agreement: 0.986, drop: 0.0025 },
      none: { sqnrDb: 27, agreement: 0.98, drop: 0.004 },
      u8s4: { drop: 0.015 },
    },
  },
  {
    name: 'ResNet-56',
    file: 'resnet56-4bfd9763.th',
    top1: 0.832,
    goals: { int8: { sqnrDb: 29.2, agreement: 0.986, drop: 0.0025 } },
  },
];

export const LABELS: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** The labels as a file. */
export function labelsFile(): string {
  const path = workPath('cifar10.txt');
  writeFileSync(path, `${LABELS.join('\n')}\n`);
  return path;
}

/** Converts a network's published weights anew; `kind` tells it from others of them. Returns the ONNX file's path. */
export async function convertPublished({ file }: Network, kind: string, ...flags: readonly string[]): Promise<string> {
  const output = workPath(`${basename(file, '.th')}-${kind}.onnx`);
  await resedge('convert', join(DATA, 'weights', file), '-o', output, '--labels', labelsFile(), ...flags);
  return output;
}

/** Pictures that INT8 is calibrated with. */
export const CALIBRATION = 256;

const SIDE = 32;
const RAW: Preprocessing = {
  input: 'raw',
  layout: 'nchw',
  channels: 'rgb',
  inputSize: SIDE,
  resize: SIDE,
  interpolation: 'bilinear',
  ...IMAGENET,
};

/** The same pictures as either kind of input. */
export type Pictures = {
  /** uint8 [N, 32, 32, 3]. */
  readonly raw: ModelTensor;
  /** Normalised, [N, 3, 32, 32]. */
  readonly float: ModelTensor;
};

export async function readPictures(paths: readonly string[]): Promise<Pictures> {
  const raw = allocateInput(RAW, paths.length);
  const normalised: Preprocessing = { ...RAW, input: 'float' };
  const float = allocateInput(normalised, paths.length);
  const read = async (path: string, index: number): Promise<void> => {
    const pixels = await readPicture(path, RAW);
    toInput(pixels, RAW, raw, index);
    toInput(pixels, normalised, float, index);
  };
  await Promise.all(paths.map(read));
  return { raw: asFeed(raw), float: asFeed(float) };
}

function asFeed({ dtype, dims, data }: InputTensor): ModelTensor {
  return dtype === 'uint8'
    ? { type: dtype, dims, data: Uint8Array.from(data) }
    : { type: dtype, dims, data: Float32Array.from(data) };
}

/** About `count` test pictures, the same number of every class, and what they show. */
export async function testPictures(
  count: number,
): Promise<Pictures & { readonly classes: readonly number[]; readonly count: number }> {
  const { pictures } = await listClassFolders(await cifar10('test'), { labels: LABELS }, count);
  const read = await readPictures(pictures.map(({ path }) => path));
  return { ...read, classes: pictures.map(({ index }) => index), count: pictures.length };
}
