import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { CALIBRATION, converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { ROOT, workPath } from './common/folders.ts';
import { type Measured, measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { megabytes, seconds, times } from './common/units.ts';
import { type NetworkName, randomWeights } from './random-weights.ts';

const { rounds } = wholeNumbers({ rounds: 3 });

const python = join(ROOT, '.cache/peers/venv/bin/python3');
if (!existsSync(python)) throw new Error(`expected ${python}: run test/peers/setup.sh`);
const pictures = await scenes(CALIBRATION);
const float = await converted('resnet50', 'fp32', '--input', 'float');

const convert = (name: NetworkName, ...flags: string[]): Promise<Measured> =>
  resedge('convert', randomWeights(name), '-o', workPath('converted.onnx'), ...flags);
const peer = join(import.meta.dirname, 'bare/quantize.py');
const { ours, plain, theirs } = await alternate(
  {
    ours: () => convert('resnet50', '--calibrate', pictures),
    plain: () => convert('resnet50', '--calibrate', pictures, '--method', 'minmax', '--corrections', 'none'),
    theirs: () => measure(python, ['-W', 'ignore', peer, float, workPath('peer.onnx'), pictures]),
  },
  rounds,
);
const wall = (all: readonly Measured[]): readonly number[] => all.map((one) => one.seconds);
const peak = (all: readonly Measured[]): number => Math.max(...all.map((one) => one.peakRss));
report(`ResNet-50 to INT8 with ${CALIBRATION} pictures at 224, whole process, ${rounds} rounds`, [
  { name: 'resedge convert', measured: seconds(median(wall(ours))) },
  { name: 'resedge convert, min-max alone', measured: seconds(median(wall(plain))) },
  { name: "ONNX Runtime's Python quantizer, min-max", measured: seconds(median(wall(theirs))) },
  figure('ours over theirs, min-max alone', medianRatio(wall(plain), wall(theirs)), 'at most', 1, times),
  { name: 'ours over theirs', measured: times(medianRatio(wall(ours), wall(theirs))) },
  figure('peak resident set, ours', peak(ours), 'at most', 1.2e9, megabytes),
  { name: 'peak resident set, theirs', measured: megabytes(peak(theirs)) },
]);

const weights = statSync(randomWeights('resnet152')).size;
const toFloat = await convert('resnet152', '--precision', 'fp32');
const quantized = await convert('resnet152', '--calibrate', pictures);
report(`ResNet-152, ${megabytes(weights)} of weights`, [
  { name: 'to FP32', measured: seconds(toFloat.seconds) },
  figure('to FP32, peak resident set over weights', toFloat.peakRss / weights, 'at most', 4, times),
  { name: 'to INT8', measured: seconds(quantized.seconds) },
  figure('to INT8, peak resident set over weights', quantized.peakRss / weights, 'at most', 4, times),
]);
