import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { wholeNumbers } from './common/flags.ts';
import { workPath } from './common/folders.ts';
import { figure, report, say } from './common/report.ts';
import { resedge } from './common/resedge.ts';
import { scenes } from './common/scenes.ts';
import { megabytes, seconds } from './common/units.ts';
import { randomWeights } from './random-weights.ts';

const { pictures, batch, epochs, memory } = wholeNumbers({ pictures: 40, batch: 8, epochs: 2, memory: 900 });

/** Bytes that tuning the last stage may take at most. */
const MOST = 900e6;
/** Drawings behind the scenes, each one a class. */
const CLASSES = 10;

/** The scenes in class folders. */
async function lesson(): Promise<string> {
  const from = await scenes(pictures);
  const folder = workPath(`finetune-${pictures}`);
  rmSync(folder, { recursive: true, force: true });
  for (const [i, name] of readdirSync(from).sort().entries()) {
    const into = join(folder, `class ${i % CLASSES}`);
    mkdirSync(into, { recursive: true });
    symlinkSync(join(from, name), join(into, name));
  }
  return folder;
}

const [folder, weights] = [await lesson(), randomWeights('resnet18')];
say(`ResNet-18 at 224, ${pictures} pictures, batch ${batch}, ${epochs} epochs`);
// Random weights diverge at the rate that suits trained ones.
const sizes = ['--lr', '0.003', '--batch', `${batch}`, '--epochs', `${epochs}`, '--memory', `${memory}`];
const files = [folder, '--model', weights, '-o', workPath('finetuned.onnx')];
const measured = await resedge('--no-cache', 'learn', ...files, '--tune', 'last-stage', ...sizes);
report('tuning the last stage of ResNet-18 and converting it, whole process', [
  figure('peak resident set', measured.peakRss, 'at most', MOST, megabytes),
  { name: 'from start to end', measured: seconds(measured.seconds) },
]);
