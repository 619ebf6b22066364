import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { fineTimes, seconds } from './common/units.ts';

const { rounds } = wholeNumbers({ rounds: 15 });

const model = await converted('resnet18', 'int8');
const folder = await scenes(1);
const picture = join(folder, readdirSync(folder)[0] ?? '');
const script = join(import.meta.dirname, 'bare/classify.mjs');
const taken = await alternate(
  {
    command: async () => (await resedge('classify', picture, '--model', model)).seconds,
    bare: async () => (await measure(process.execPath, [script, model, picture])).seconds,
    node: async () => (await measure(process.execPath, ['-e', ''])).seconds,
  },
  rounds,
);
report(`one JPEG of 500 x 375, ResNet-18 INT8, whole process, medians of ${rounds} rounds`, [
  figure('resedge classify', median(taken.command), 'at most', 0.55, seconds),
  { name: 'a bare script', measured: seconds(median(taken.bare)) },
  { name: 'Node, doing nothing', measured: seconds(median(taken.node)) },
  { name: 'classify over the bare script', measured: fineTimes(medianRatio(taken.command, taken.bare)) },
]);
