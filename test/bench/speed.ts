import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { type Figure, figure, report, say } from './common/report.ts';
import { type BenchResult, resedgeJson } from './common/resedge.ts';
import { fineTimes, ms, times } from './common/units.ts';

const { rounds, runs } = wholeNumbers({ rounds: 7, runs: 40 });

const loop = join(import.meta.dirname, 'bare/loop.mjs');
const fp32 = await converted('resnet50', 'fp32');
const int8 = await converted('resnet50', 'int8');

const command = (model: string, threads: number) => async (): Promise<number> => {
  const flags = ['--model', model, '--threads', `${threads}`, '--runs', `${runs}`];
  return (await resedgeJson<BenchResult>('bench', ...flags)).ms.p50;
};
const bare = (model: string, threads: number) => async (): Promise<number> =>
  Number((await measure(process.execPath, [loop, model, `${threads}`, `${runs}`])).stdout);

say(`timing ${rounds} rounds of ${runs} runs, each in a process of its own`);
const one = await alternate({ float: command(fp32, 1), integer: command(int8, 1), bare: bare(int8, 1) }, rounds);
const figures: Figure[] = [
  { name: 'FP32, 1 thread', measured: ms(median(one.float)) },
  { name: 'INT8, 1 thread', measured: ms(median(one.integer)) },
  figure('INT8 over FP32, 1 thread', medianRatio(one.float, one.integer), 'at least', 1.85, times),
  figure('bench over a bare loop, 1 thread', medianRatio(one.integer, one.bare), 'at most', 1.03, fineTimes),
];
const cores = availableParallelism();
if (cores > 1) {
  const all = await alternate({ integer: command(int8, cores), bare: bare(int8, cores) }, rounds);
  figures.push(
    { name: `INT8, ${cores} threads`, measured: ms(median(all.integer)) },
    figure(`bench over a bare loop, ${cores} threads`, medianRatio(all.integer, all.bare), 'at most', 1.03, fineTimes),
  );
}
report(`ResNet-50 at 224, medians of ${rounds} rounds`, figures);
