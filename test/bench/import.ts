import { statSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './common/alternate.ts';
import { converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { workPath } from './common/folders.ts';
import { type Measured, measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { megabytes, seconds, times } from './common/units.ts';

const { rounds } = wholeNumbers({ rounds: 5 });

const model = await converted('resnet50', 'fp32', '--input', 'float');
const bytes = statSync(model).size;
const program = join(import.meta.dirname, 'bare/import.mjs');
const runs: Measured[] = [];
for (let round = 0; round < rounds; round++) {
  runs.push(await measure(process.execPath, [program, model, workPath('imported.onnx')]));
}
const taken = runs.map(({ stdout }) => (JSON.parse(stdout) as { readonly seconds: number }).seconds);
const peak = median(runs.map(({ peakRss }) => peakRss));
report(`ResNet-50 as an ONNX file of ${megabytes(bytes)}, read into a graph and written, medians of ${rounds} rounds`, [
  figure('reading, simplifying, writing', median(taken), 'at most', 1.5, seconds),
  { name: 'whole process', measured: seconds(median(runs.map((run) => run.seconds))) },
  figure('peak resident set over the file', peak / bytes, 'at most', 3, times),
]);
