import { beforeAll, expect, test } from 'vitest';
import { cifar10, workPath } from '../bench/common/folders.ts';
import { bundledInt8, featureFiles, lesson, logisticRegression } from '../bench/common/lessons.ts';
import { type EvaluateResult, resedge, resedgeJson } from '../bench/common/resedge.ts';

const PER_CLASS = 50;
const PICTURES = 3000;
/** Share points that a head may be worse. */
const WORSE = 0.003;

let base: string;
beforeAll(async () => {
  base = await bundledInt8();
}, 60_000);

test("a head is as good as scikit-learn's LogisticRegression on the same features", { timeout: 300_000 }, async () => {
  const folder = await lesson(PER_CLASS, 0);
  const model = workPath('learn-peer.onnx');
  await resedge('learn', folder, '--model', base, '-o', model);
  const pictures = await cifar10('test');
  const { top1 } = await resedgeJson<EvaluateResult>('evaluate', pictures, '--model', model, '--limit', `${PICTURES}`);
  const peer = logisticRegression(await featureFiles(base, folder), await featureFiles(base, pictures, PICTURES));
  expect(peer).toBeGreaterThan(0.8);
  expect(top1).toBeGreaterThanOrEqual(peer - WORSE);
});
