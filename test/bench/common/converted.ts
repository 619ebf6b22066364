import { existsSync } from 'node:fs';
import { type NetworkName, randomWeights } from '../random-weights.ts';
import { workPath } from './folders.ts';
import { say } from './report.ts';
import { resedge } from './resedge.ts';
import { scenes } from './scenes.ts';

/** Pictures that a full-size network is calibrated on. */
export const CALIBRATION = 32;

/** A full-size network with random weights, converted anew on every call; returns the ONNX file's path. */
export async function converted(name: NetworkName, precision: 'fp32' | 'int8', ...flags: string[]): Promise<string> {
  const weights = randomWeights(name);
  const output = workPath(`${[name, precision, ...flags].join('').replaceAll('--', '-')}.onnx`);
  const calibrate = precision === 'int8' ? ['--calibrate', await scenes(CALIBRATION)] : [];
  say(`converting ${name} to ${precision}`);
  await resedge('convert', weights, '-o', output, '--precision', precision, ...calibrate, ...flags);
  if (!existsSync(output)) throw new Error(`expected ${output} from the conversion`);
  return output;
}
