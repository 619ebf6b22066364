import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { python } from './common/peers.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { type BenchResult, resedgeJson } from './common/resedge.ts';
import { ms, times } from './common/units.ts';

const { rounds, runs, threads } = wholeNumbers({ rounds: 7, runs: 40, threads: 2 });

const model = await kept('resnet50', 'int8');
const script = join(import.meta.dirname, 'bare/openvino_loop.py');
const interpreter = await python();
const flags = ['--model', model, '--threads', `${threads}`, '--runs', `${runs}`];
const taken = await alternate(
  {
    own: async () => (await resedgeJson<BenchResult>('bench', ...flags)).ms.p50,
    openvino: async () => Number((await measure(interpreter, [script, model, `${threads}`, `${runs}`])).stdout),
  },
  rounds,
);
report(`ResNet-50 INT8 at 224, ${threads} threads, medians of ${rounds} rounds`, [
  { name: 'resedge bench', measured: ms(median(taken.own)) },
  { name: 'OpenVINO on the same file', measured: ms(median(taken.openvino)) },
  figure('resedge over OpenVINO', medianRatio(taken.own, taken.openvino), 'at most', 1.05, times),
]);
