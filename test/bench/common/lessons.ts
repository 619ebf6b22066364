import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type BaseModel, readBase } from '../../../src/node/learn/base-model.ts';
import { exampleOfFile } from '../../../src/node/learn/example.ts';
import { extractFeatures } from '../../../src/node/learn/extract-features.ts';
import { withFeatures } from '../../../src/node/learn/feature-session.ts';
import { type LabelledPicture, listClassFolders } from '../../../src/node/model/class-folders.ts';
import { sample } from '../../../src/node/model/sample.ts';
import { PYTHON } from '../../peers/python/program.ts';
import { LABELS } from './cifar.ts';
import { cifar10, ROOT, workPath } from './folders.ts';
import { resedge } from './resedge.ts';

const BUNDLED = join(ROOT, 'models/resnet20-cifar10');

/** The bundled ResNet-20 in INT8, calibrated as it comes. */
export async function bundledInt8(): Promise<string> {
  const output = workPath('learn-base.onnx');
  const weights = join(BUNDLED, 'resnet20-cifar10.safetensors');
  await resedge('convert', weights, '-o', output, '--calibrate', join(BUNDLED, 'calibration.json'));
  return output;
}

/** A folder with a seeded sample of the training pictures of every class, and where one class is left out. */
export async function lesson(perClass: number, seed: number, without?: string): Promise<string> {
  const train = await cifar10('train');
  const folder = workPath(`lesson-${perClass}-${seed}-${without ?? 'all'}`);
  rmSync(folder, { recursive: true, force: true });
  for (const label of LABELS.filter((name) => name !== without))
    link(join(train, label), join(folder, label), perClass, seed);
  return folder;
}

/** A folder with a seeded sample of the training pictures of one class. */
export async function picturesOf(label: string, count: number, seed: number): Promise<string> {
  const folder = workPath(`lesson-${label}-${count}-${seed}`);
  rmSync(folder, { recursive: true, force: true });
  link(join(await cifar10('train'), label), folder, count, seed);
  return folder;
}

function link(from: string, to: string, count: number, seed: number): void {
  mkdirSync(to, { recursive: true });
  for (const name of sample(readdirSync(from).sort(), count, seed)) symlinkSync(join(from, name), join(to, name));
}

/** A folder with links to some class folders of another. */
export function linkedFolders(from: string, to: string, labels: readonly string[]): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const label of labels) symlinkSync(join(from, label), join(to, label));
  return to;
}

/** Files of a model's features of pictures and of their classes, as `logistic_regression.py` takes them. */
export async function featureFiles(model: string, folder: string, limit?: number): Promise<readonly [string, string]> {
  const { pictures } = await listClassFolders(folder, { labels: LABELS }, limit);
  const base = readBase(model);
  const features = await featuresOf(base, pictures);
  const name = `${basename(dirname(folder))}-${basename(folder)}`;
  const paths = [workPath(`${name}.features`), workPath(`${name}.labels`)] as const;
  writeFileSync(paths[0], new Uint8Array(features.buffer));
  writeFileSync(paths[1], new Uint8Array(Int32Array.from(pictures, ({ index }) => index).buffer));
  return paths;
}

async function featuresOf(base: BaseModel, pictures: readonly LabelledPicture[]): Promise<Float32Array> {
  const width = base.head.features;
  const examples = pictures.map((picture) => exampleOfFile(picture, base.metadata.preprocessing));
  const nothing = { get: () => undefined, set: () => undefined, save: () => undefined };
  const { taken } = await withFeatures(base, {}, (opened) =>
    extractFeatures(opened, width, examples, { count: 0, seed: 0 }, nothing),
  );
  const all = new Float32Array(taken.length * width);
  for (const [i, { features }] of taken.entries()) all.set(features, i * width);
  return all;
}

/** The accuracy of scikit-learn's LogisticRegression on the same features. */
export function logisticRegression(train: readonly [string, string], test: readonly [string, string]): number {
  const program = join(ROOT, 'test/peers/python/logistic_regression.py');
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  return Number(execFileSync(PYTHON, [program, ...train, ...test], { encoding: 'utf8', env }));
}
