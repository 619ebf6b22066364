import { existsSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { alternate, median, medianRatio } from './common/alternate.ts';
import { kept } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { workPath } from './common/folders.ts';
import { python } from './common/peers.ts';
import { measure } from './common/process.ts';
import { figure, report } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { perSecond, times } from './common/units.ts';

const { rounds, pictures, threads } = wholeNumbers({ rounds: 5, pictures: 1000, threads: 2 });

/** Different scenes; more pictures than these are the same ones again. */
const SCENES = 50;

const model = await kept('resnet18', 'int8');
const folder = await scenes(SCENES);
const over = Math.max(1, Math.round(pictures / SCENES));
const copies = copied(folder, over);
const script = join(import.meta.dirname, 'bare/folder.py');
const interpreter = await python();
const rate = (seconds: number): number => (over * SCENES) / seconds;
const taken = await alternate(
  {
    own: async () => rate((await resedge('classify', copies, '--model', model, '--json')).seconds),
    py: async () => rate((await measure(interpreter, [script, model, folder, `${threads}`, `${over}`])).seconds),
  },
  rounds,
);
report(`${over * SCENES} JPEGs of 500 x 375, ResNet-18 INT8, whole process, medians of ${rounds} rounds`, [
  { name: 'resedge classify', measured: perSecond(median(taken.own)) },
  { name: 'Pillow in a pool of threads, onnxruntime', measured: perSecond(median(taken.py)) },
  figure('resedge over it', medianRatio(taken.own, taken.py), 'at least', 1.15, times),
]);

/** A folder in which every picture of another one stands under so many names. */
function copied(from: string, over: number): string {
  const to = workPath(`${basename(from)}-x${over}`);
  if (existsSync(to)) return to;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    for (let i = 0; i < over; i++) linkSync(join(from, name), join(to, `${i}-${name}`));
  }
  return to;
}
