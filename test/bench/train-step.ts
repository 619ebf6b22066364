import { join } from 'node:path';
import { print, table } from '../../src/cli/print.ts';
import { median } from './common/alternate.ts';
import { wholeNumbers } from './common/flags.ts';
import { DATA } from './common/folders.ts';
import { type Measured, measure } from './common/process.ts';
import { type Figure, figure, report, say } from './common/report.ts';
import { megabytes, ms, percent } from './common/units.ts';
import { randomWeights } from './random-weights.ts';

type Step = {
  readonly name: string;
  readonly weights: string;
  readonly size: number;
  readonly batch: number;
  /** Starts of the names of what learns. */
  readonly learn: readonly string[];
  readonly norms: 'live' | 'frozen';
};
type Took = {
  readonly ms: readonly number[];
  readonly cpu: readonly number[];
  readonly ops: readonly { readonly op: string; readonly ms: number }[];
};

/** PyTorch eager's step of ResNet-20 at a batch of 128 with two threads, as stated with the goal. */
const PYTORCH_MS = 385;
const GOAL = 2.2;
const RSS_GOAL = 900e6;

const { rounds, steps, threads, profile } = wholeNumbers({ rounds: 5, steps: 5, threads: 2, profile: 0 });

const whole: Step = {
  name: 'ResNet-20 at 32, batch 128, all of it',
  weights: join(DATA, 'models/resnet20-cifar10.safetensors'),
  ...{ size: 32, batch: 128, learn: [''], norms: 'live' },
};
const lastStage: Step = {
  name: 'ResNet-18 at 224, batch 8, last stage',
  weights: randomWeights('resnet18'),
  ...{ size: 224, batch: 8, learn: ['layer4', 'fc'], norms: 'frozen' },
};

async function run(step: Step, profiled: boolean): Promise<Measured & Took> {
  say(step.name);
  const program = join(import.meta.dirname, 'bare/train-step.mjs');
  const asked = JSON.stringify({ ...step, rounds: steps, threads, profile: profiled });
  const measured = await measure(process.execPath, [program, asked]);
  return { ...measured, ...(JSON.parse(measured.stdout) as Took) };
}

const figures: Figure[] = [];
for (const step of [whole, lastStage]) {
  const runs: (Measured & Took)[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await run(step, false));
  const step50 = median(runs.flatMap((took) => took.ms));
  const peak = median(runs.map(({ peakRss }) => peakRss));
  figures.push(
    step === whole
      ? figure(step.name, step50, 'at most', GOAL * PYTORCH_MS, ms)
      : { name: step.name, measured: ms(step50) },
    { name: 'its fastest step', measured: ms(Math.min(...runs.flatMap((took) => took.ms))) },
    { name: 'its processor time', measured: ms(median(runs.flatMap((took) => took.cpu))) },
    step === lastStage
      ? figure('its peak resident set', peak, 'at most', RSS_GOAL, megabytes)
      : { name: 'its peak resident set', measured: megabytes(peak) },
  );
}
report(`One step of training, ${threads} threads, medians of ${rounds} processes with ${steps} steps each`, figures);

if (profile !== 0) {
  for (const step of [whole, lastStage]) {
    const { ops } = await run(step, true);
    const total = ops.reduce((sum, op) => sum + op.ms, 0);
    const rows = ops.toSorted((a, b) => b.ms - a.ms).map((op) => [op.op, ms(op.ms), percent(op.ms / total)]);
    print(`${step.name}\n${table([['operator', 'a step', 'share'], ...rows])}`);
  }
}
