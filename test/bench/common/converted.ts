import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkName, randomWeights } from '../random-weights.ts';
import { ROOT, workPath } from './folders.ts';
import { say } from './report.ts';
import { resedge } from './resedge.ts';
import { scenes } from './scenes.ts';

type Precision = 'fp32' | 'int8';

/** Pictures that a full-size network is calibrated on. */
export const CALIBRATION = 32;

/** A full-size network with random weights, converted anew on every call; returns the ONNX file's path. */
export async function converted(name: NetworkName, precision: Precision, ...flags: string[]): Promise<string> {
  const weights = randomWeights(name);
  const output = pathOf(name, precision, flags);
  const calibrate = precision === 'int8' ? ['--calibrate', await scenes(CALIBRATION)] : [];
  say(`converting ${name} to ${precision}`);
  await resedge('convert', weights, '-o', output, '--precision', precision, ...calibrate, ...flags);
  if (!existsSync(output)) throw new Error(`expected ${output} from the conversion`);
  return output;
}

/** The same, converted on first use only: for benches of what runs it. */
export async function kept(name: NetworkName, precision: Precision, ...flags: string[]): Promise<string> {
  const path = pathOf(name, precision, flags);
  return existsSync(path) ? path : await converted(name, precision, ...flags);
}

/** The bundled ResNet-20 in INT8, converted anew; returns the ONNX file's path. */
export async function bundled(...flags: readonly string[]): Promise<string> {
  const folder = join(ROOT, 'models/resnet20-cifar10');
  const output = workPath('bundled.onnx');
  const calibrate = ['--calibrate', join(folder, 'calibration.json')];
  await resedge('convert', join(folder, 'resnet20-cifar10.safetensors'), '-o', output, ...calibrate, ...flags);
  return output;
}

function pathOf(name: NetworkName, precision: Precision, flags: readonly string[]): string {
  return workPath(`${[name, precision, ...flags].join('').replaceAll('--', '-')}.onnx`);
}
