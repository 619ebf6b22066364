import { join } from 'node:path';
import { alternate, median } from './common/alternate.ts';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { ms } from './common/units.ts';

const { rounds, runs, threads } = wholeNumbers({ rounds: 7, runs: 400, threads: 1 });

const script = join(import.meta.dirname, 'bare/hand-over.mjs');
const raw = await kept('resnet18-quarter', 'int8');
const float = await kept('resnet18-quarter', 'int8', '--input', 'float');
const timed = (model: string) => async (): Promise<number> =>
  Number((await measure(process.execPath, [script, model, `${threads}`, `${runs}`])).stdout);
const taken = await alternate({ raw: timed(raw), float: timed(float) }, rounds);
report(`What a run takes beyond the inference, ${threads} threads, medians of ${rounds} rounds`, [
  figure('a picture of 224 x 224 as bytes, 150 kB', median(taken.raw), 'at most', 0.3, ms),
  { name: 'the same as floats, 602 kB', measured: ms(median(taken.float)) },
]);
