import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { fineTimes, ms } from './common/units.ts';

const { rounds, runs, threads } = wholeNumbers({ rounds: 7, runs: 20, threads: 1 });

type Taken = { readonly p50: number; readonly cpu: number };

const script = join(import.meta.dirname, 'bare/wasm.mjs');
const model = await kept('resnet18', 'int8');
const timed = (how: 'own' | 'bare') => async (): Promise<Taken> =>
  JSON.parse((await measure(process.execPath, [script, how, model, `${threads}`, `${runs}`])).stdout) as Taken;
const taken = await alternate({ own: timed('own'), bare: timed('bare') }, rounds);
const wall = (all: readonly Taken[]): number[] => all.map(({ p50 }) => p50);
const cpu = (all: readonly Taken[]): number[] => all.map((one) => one.cpu);
const write = (all: readonly Taken[]): string => `${ms(median(wall(all)))}, ${ms(median(cpu(all)))} of CPU`;
report(`ResNet-18 INT8 in WebAssembly in Node, ${threads} threads, medians of ${rounds} rounds`, [
  { name: 'resedge', measured: write(taken.own) },
  { name: 'onnxruntime-web alone', measured: write(taken.bare) },
  figure('resedge over it', medianRatio(wall(taken.own), wall(taken.bare)), 'at most', 1.03, fineTimes),
  { name: 'the same in CPU time', measured: fineTimes(medianRatio(cpu(taken.own), cpu(taken.bare))) },
]);
