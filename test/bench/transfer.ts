import { existsSync } from 'node:fs';
import { median } from './common/alternate.ts';
import { LABELS } from './common/cifar.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10, workPath } from './common/folders.ts';
import { lesson, linkedFolders } from './common/lessons.ts';
import { report, say } from './common/report.ts';
import { type EvaluateResult, resedge, resedgeJson } from './common/resedge.ts';
import { percent, seconds } from './common/units.ts';

const { pictures, seeds, epochs } = wholeNumbers({ pictures: 100, seeds: 3, epochs: 5 });

/** What the base has never seen; it knows the animals. */
const TAUGHT = ['airplane', 'automobile', 'ship', 'truck'];
const DEPTHS = ['none', 'last-stage', 'all'] as const;

/** ResNet-20 trained on the other classes: its weights, and as INT8. */
async function base(): Promise<{ readonly weights: string; readonly model: string }> {
  const known = linkedFolders(
    await cifar10('train'),
    workPath('animals'),
    LABELS.filter((label) => !TAUGHT.includes(label)),
  );
  const [weights, model] = [workPath(`animals-${epochs}.safetensors`), workPath(`animals-${epochs}.onnx`)];
  if (!existsSync(weights)) {
    say(`training on the animals, ${epochs} epochs`);
    await resedge('train', '--data', known, '-o', weights, '--epochs', `${epochs}`);
  }
  await resedge('convert', weights, '-o', model, '--calibrate', known);
  return { weights, model };
}

const { weights, model } = await base();
const test = linkedFolders(await cifar10('test'), workPath('test-vehicles'), TAUGHT);
const top1: Record<(typeof DEPTHS)[number], number[]> = { none: [], 'last-stage': [], all: [] };
const taken: Record<(typeof DEPTHS)[number], number[]> = { none: [], 'last-stage': [], all: [] };
for (let seed = 0; seed < seeds; seed++) {
  const folder = linkedFolders(await lesson(pictures, seed), workPath('lesson-vehicles'), TAUGHT);
  for (const depth of DEPTHS) {
    const output = workPath(`transfer-${depth}.onnx`);
    const from = depth === 'none' ? model : weights;
    const options = ['--model', from, '-o', output, '--tune', depth, '--seed', `${seed}`];
    taken[depth].push((await resedge('--no-cache', 'learn', folder, ...options)).seconds);
    top1[depth].push((await resedgeJson<EvaluateResult>('evaluate', test, '--model', output)).top1);
  }
}

report(
  `four vehicles of ${pictures} pictures, on a ResNet-20 that knows six animals, INT8, ${seeds} seeds`,
  DEPTHS.flatMap((depth) => [
    { name: `--tune ${depth}: top-1`, measured: top1[depth].map(percent).join(', ') },
    { name: '  whole process, median', measured: seconds(median(taken[depth])) },
  ]),
);
