import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { workPath } from './common/folders.ts';
import { python, transformers } from './common/peers.ts';
import { measure } from './common/process.ts';
import { type Figure, figure, report, say } from './common/report.ts';
import { LARGE, scenes } from './common/scenes.ts';
import { ms, times } from './common/units.ts';
import type { NetworkName } from './random-weights.ts';

const { rounds, pictures, large, threads } = wholeNumbers({ rounds: 5, pictures: 60, large: 12, threads: 2 });

type Taken = { readonly p50: number; readonly cpu: number };

const bare = join(import.meta.dirname, 'bare');
const interpreter = await python();
const installed = await transformers();

/** The model with a float input, whose numbers are otherwise the same, as Transformers.js wants it. */
async function laidOut(name: NetworkName): Promise<string> {
  const folder = workPath(`${name}-transformers`);
  if (existsSync(join(folder, 'preprocessor_config.json'))) return folder;
  const model = await kept(name, 'int8', '--input', 'float');
  await measure(interpreter, [join(bare, 'transformers_folder.py'), model, folder]);
  return folder;
}

async function compare(name: NetworkName, folder: string, count: number, goals: Goals): Promise<readonly Figure[]> {
  const [model, other] = [await kept(name, 'int8'), await laidOut(name)];
  const given = [folder, `${threads}`, `${count}`];
  const run = (program: string, ...args: readonly string[]) => {
    return async (): Promise<Taken> => JSON.parse((await measure(program, args)).stdout) as Taken;
  };
  say(`${name} on ${folder}, ${rounds} rounds of ${count} pictures`);
  const taken = await alternate(
    {
      own: run(process.execPath, join(bare, 'warm.mjs'), model, ...given),
      js: run(process.execPath, join(bare, 'transformers.mjs'), installed, other, ...given),
      py: run(interpreter, join(bare, 'warm.py'), model, ...given),
    },
    rounds,
  );
  const wall = (all: readonly Taken[]): number[] => all.map(({ p50 }) => p50);
  const cpu = (all: readonly Taken[]): number[] => all.map((one) => one.cpu);
  const write = (all: readonly Taken[]): string => `${ms(median(wall(all)))}, ${ms(median(cpu(all)))} of CPU`;
  const cpuRatio = (all: readonly Taken[]): string => times(medianRatio(cpu(taken.own), cpu(all)));
  return [
    { name: `${name}: resedge`, measured: write(taken.own) },
    { name: `${name}: Transformers.js`, measured: write(taken.js) },
    { name: `${name}: Pillow and onnxruntime`, measured: write(taken.py) },
    figure('  over Transformers.js', medianRatio(wall(taken.own), wall(taken.js)), 'at most', goals.js, times),
    { name: '  the same in CPU time', measured: cpuRatio(taken.js) },
    figure('  over Pillow and onnxruntime', medianRatio(wall(taken.own), wall(taken.py)), 'at most', goals.py, times),
    { name: '  the same in CPU time', measured: cpuRatio(taken.py) },
  ];
}

type Goals = { readonly js: number; readonly py: number };

const small = await scenes(32);
report(`JPEG of 500 x 375 to top-5, warm, ${threads} threads, medians of ${rounds} rounds`, [
  ...(await compare('resnet50', small, pictures, { js: 0.8, py: 1 })),
  ...(await compare('resnet18', small, pictures, { js: 0.75, py: 1 })),
]);
report(`JPEG of ${LARGE.width} x ${LARGE.height} to top-5, warm, ${threads} threads, medians of ${rounds} rounds`, [
  ...(await compare('resnet18', await scenes(4, LARGE), large, { js: 0.28, py: 0.28 })),
]);
