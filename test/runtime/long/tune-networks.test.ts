import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCHEMES } from '../../../converter/quantize/scheme.ts';
import { HEAD_RECIPE } from '../../../converter/train/head-recipe.ts';
import type { Depth } from '../../../converter/train/stages.ts';
import { finetuneClasses } from '../../../src/node/finetune/finetune-classes.ts';
import { readBase } from '../../../src/node/learn/base-model.ts';
import { seededFile } from '../../unit/converter/networks.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { PICTURES, refuse, succeed } from '../node/resedge.ts';

const LABELS = ['frog', 'ship', 'truck'];
const PER_CLASS = 10;
const EPOCHS = 3;

const golden = (name: string): Uint8Array => readFileSync(new URL(`../../golden/${name}`, import.meta.url));

/**
 * Networks that know nothing, one of each kind of layer that a plain ResNet lacks, and the rate at which they learn with
 * their norms frozen.
 */
const NETWORKS: readonly (readonly [kind: string, file: string, rate: number, bytes: () => Uint8Array])[] = [
  [
    'groups of channels, as in ResNeXt',
    'resnext.safetensors',
    1e-3,
    () => seededFile({ block: 'bottleneck', depths: [1, 1, 1], inner: 16, groups: 4 }),
  ],
  [
    'a group for every channel',
    'depthwise.safetensors',
    1e-3,
    () => seededFile({ block: 'bottleneck', depths: [1, 1], inner: 16, groups: 16 }),
  ],
  ['bottlenecks', 'bottleneck.safetensors', 1e-3, () => seededFile({ block: 'bottleneck', depths: [1, 2, 1] })],
  ['squeeze and excite', 'seresnet10.safetensors', 1e-3, () => golden('variants/seresnet10.safetensors')],
  ['efficient channel attention', 'ecaresnet14.safetensors', 1e-3, () => golden('variants/ecaresnet14.safetensors')],
  ['blur pooling', 'resnetblur10.safetensors', 1e-3, () => golden('variants/resnetblur10.safetensors')],
  ['depthwise convolutions of an ONNX file', 'mobile.onnx', 5e-3, () => golden('onnx/sources/mobile.onnx')],
  ['channels last, and a bias behind the head', 'tf2onnx.onnx', 5e-3, () => golden('onnx/sources/tf2onnx.onnx')],
];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'resedge-tune-'));
  for (const label of LABELS) {
    mkdirSync(join(folder, 'in', label), { recursive: true });
    for (let i = 0; i < PER_CLASS; i++) {
      const turned = sharp(join(PICTURES, `${label}.svg`)).rotate(6 * i - 27, { background: '#888' });
      const picture = turned.resize(40, 40).modulate({ brightness: 0.7 + 0.06 * i });
      await picture.toFile(join(folder, 'in', label, `${i}.png`));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(NETWORKS)('a network with %s', (_, file, peak, bytes) => {
  test('learns in its last stage and in all of it, and the model classifies', async () => {
    const model = join(folder, file);
    writeFileSync(model, bytes());
    const tuned = async (depth: Depth) =>
      await finetuneClasses(join(folder, 'in'), {
        ...{ model, output: join(folder, `${file}.${depth}.onnx`), depth, patience: EPOCHS, open: {} },
        // A head that has hardly learnt leaves something to do.
        head: { ...HEAD_RECIPE, epochs: 1, schedule: { kind: 'constant', peak: 1e-4 } },
        recipe: {
          ...{ epochs: EPOCHS, batch: 8, schedule: { kind: 'cosine', peak }, momentum: 0.9, nesterov: true },
          ...{ weightDecay: 1e-4, labelSmoothing: 0, seed: 0 },
        },
        scheme: SCHEMES['u8s8-safe'],
      });
    const parameters: number[] = [];
    for (const depth of ['last-stage', 'all'] as const) {
      const { validated, tuned: found, verified, labels } = await tuned(depth);
      const losses = validated.curve.map(({ loss }) => loss);
      expect(losses).toHaveLength(EPOCHS);
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
      expect(found).toMatchObject({ depth, head: 'new' });
      expect(found?.after).toBeGreaterThanOrEqual(found!.before);
      expect(verified.sqnrDb).toBeGreaterThan(15);
      expect(labels).toEqual(LABELS);
      parameters.push(found?.parameters ?? 0);
      const path = join(folder, `${file}.${depth}.onnx`);
      expect(readBase(path).metadata).toMatchObject({ labels: LABELS, precision: 'int8' });
      const shown = join(folder, 'in', 'frog', '4.png');
      const line = await succeed(['classify', shown, '--model', path, '--threshold', '0', '--json']);
      expect(LABELS).toContain((JSON.parse(line) as { readonly answer: string }).answer);
    }
    expect(parameters[0]).toBeLessThanOrEqual(parameters[1]!);
  });
});

test('a network without a head that can be replaced is refused, whatever is to learn', async () => {
  const where = { cwd: folderWith({ 'squeeze.onnx': golden('onnx/sources/squeeze.onnx') }) };
  await succeed(['convert', 'squeeze.onnx', '-o', 'headless.onnx', '--precision', 'fp32'], where);
  const from = (model: string): readonly string[] => ['learn', join(folder, 'in'), '--model', model, '-o', 'x.onnx'];
  const says = /headless\.onnx: expected a model that ends in one linear layer on pooled features, found Flatten: /;
  await refuse(from('headless.onnx'), { code: 1, says, folder: where.cwd });
  const tuned = /squeeze\.onnx: expected a network that ends in one linear layer, found Flatten: /;
  await refuse([...from('squeeze.onnx'), '--tune', 'all'], { code: 1, says: tuned, folder: where.cwd });
});
