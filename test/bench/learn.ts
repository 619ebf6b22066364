import { median } from './common/alternate.ts';
import { LABELS } from './common/cifar.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10, workPath } from './common/folders.ts';
import { bundledInt8, featureFiles, lesson, linkedFolders, logisticRegression, picturesOf } from './common/lessons.ts';
import { figure, report, say } from './common/report.ts';
import { type EvaluateResult, resedge, resedgeJson } from './common/resedge.ts';
import { percent, seconds } from './common/units.ts';

const { pictures, grown, seeds, limit } = wholeNumbers({ pictures: 50, grown: 10, seeds: 3, limit: 10_000 });

/** Share points, of which a head may be worse than scikit-learn's, and of which others may lose by a class more. */
const WORSE = 0.003;
const LOST = 0.01;

const base = await bundledInt8();
const test = await cifar10('test');
const testFeatures = await featureFiles(base, test, limit);

const learnt: number[] = [];
const peer: number[] = [];
const whole: number[] = [];
const growing: number[] = [];
const lost: number[] = [];
for (let seed = 0; seed < seeds; seed++) {
  say(`seed ${seed}: ${LABELS.length} classes of ${pictures} pictures`);
  const folder = await lesson(pictures, seed);
  const model = workPath('learn-mine.onnx');
  const started = performance.now();
  await resedge('--no-cache', 'learn', folder, '--model', base, '-o', model, '--seed', `${seed}`);
  whole.push((performance.now() - started) / 1000);
  learnt.push((await top1(model, test)).top1);
  peer.push(logisticRegression(await featureFiles(base, folder), testFeatures));
  // Another class each time.
  const label = LABELS[(3 + 4 * seed) % LABELS.length]!;
  say(`seed ${seed}: ${label} added to the others`);
  const fewer = workPath('learn-fewer.onnx');
  await resedge('learn', await lesson(pictures, seed, label), '--model', base, '-o', fewer, '--seed', `${seed}`);
  const from = await picturesOf(label, grown, seed);
  const more = workPath('learn-more.onnx');
  const begun = performance.now();
  await resedge('--no-cache', 'learn', '--add', label, '--from', from, '--model', fewer, '-o', more);
  growing.push((performance.now() - begun) / 1000);
  const kept = LABELS.filter((name) => name !== label);
  const others = linkedFolders(test, workPath(`test-without-${label}`), kept);
  lost.push((await top1(fewer, others)).top1 - (await top1(more, others)).top1);
}

report(`ResNet-20 INT8, ${LABELS.length} classes of ${pictures} pictures, ${seeds} seeds`, [
  figure('learning, whole process, median', median(whole), 'at most', 10, seconds),
  { name: 'top-1 on test pictures', measured: learnt.map(percent).join(', ') },
  { name: "scikit-learn's LogisticRegression", measured: peer.map(percent).join(', ') },
  figure('gain on it, least', Math.min(...learnt.map((value, i) => value - peer[i]!)), 'at least', -WORSE, percent),
  figure(`a class of ${grown} pictures more, whole process, median`, median(growing), 'at most', 3, seconds),
  { name: 'what the others lost', measured: lost.map(percent).join(', ') },
  figure('the same, median', median(lost), 'at most', LOST, percent),
]);

function top1(model: string, folder: string): Promise<EvaluateResult> {
  return resedgeJson<EvaluateResult>('evaluate', folder, '--model', model, '--limit', `${limit}`);
}
