import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCHEMES, type SchemeName } from '../../converter/quantize/scheme.ts';
import { fidelity } from '../../src/tensor/fidelity.ts';
import { mulberry32 } from '../../src/tensor/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { cifar10, DATA } from '../bench/common/folders.ts';
import { BEST, convertFile, raw } from '../unit/converter/conversions.ts';
import { logitsOf } from '../unit/converter/runner.ts';
import type { Machine } from './emulate/machine.ts';
import { avx2, cortexA72, cortexA76 } from './emulate/machines.ts';
import { runModel } from './emulate/run-model.ts';

const SIZE = 32;
const CLASSES = 10;
const CALIBRATED = 256;
const TESTED = 300;
const TESTED_ON_ARM = 100;
const schemes = ['u8s8-safe', 'u8s8'] as const satisfies readonly SchemeName[];

const folder = mkdtempSync(join(tmpdir(), 'resedge-saturation-'));
const models = new Map<SchemeName, Uint8Array>();
let pixels = new Uint8Array();

/** Paths of CIFAR-10 pictures drawn from all classes. */
async function drawn(part: 'test' | 'train', count: number, seed: number): Promise<readonly string[]> {
  const root = await cifar10(part);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'));
  const random = mulberry32(seed);
  const keyed = paths.toSorted().map((path) => ({ path: join(root, path), key: random() }));
  return keyed
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ path }) => path);
}

async function decoded(path: string): Promise<Uint8Array> {
  return new Uint8Array(await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer());
}

async function* inputs(paths: readonly string[]): AsyncGenerator<Tensor> {
  for (const path of paths) yield { dtype: 'uint8', dims: [1, SIZE, SIZE, 3], data: await decoded(path) };
}

beforeAll(async () => {
  const paths = await drawn('train', CALIBRATED, 1);
  for (const scheme of schemes) {
    const weights = new Uint8Array(readFileSync(join(DATA, 'weights/resnet20-12fca82f.th')));
    const { model } = await convertFile(weights, raw(SIZE), {
      int8: {
        recipe: { ...BEST, scheme: SCHEMES[scheme] },
        calibration: { kind: 'pictures', inputs: inputs(paths), count: CALIBRATED },
      },
    });
    models.set(scheme, model);
    writeFileSync(join(folder, `${scheme}.onnx`), model);
  }
  const pictures = await Promise.all((await drawn('test', TESTED, 2)).map(decoded));
  pixels = new Uint8Array(Buffer.concat(pictures));
});

afterAll(() => rmSync(folder, { recursive: true }));

type Comparison = {
  readonly agreement: number;
  readonly sqnrDb: number;
  /** Pictures with any logit that differs by more than `tolerance`. */
  readonly differing: number;
  readonly largest: number;
};

/** Logits on a machine beside exact integer arithmetic on this one, over the first `count` pictures. */
async function compared(machine: Machine, scheme: SchemeName, count: number, tolerance: number): Promise<Comparison> {
  const dims = [count, SIZE, SIZE, 3];
  const data = pixels.slice(0, count * SIZE * SIZE * 3);
  const exact = await logitsOf(models.get(scheme)!, { dtype: 'uint8', dims, data }, 'all', { x64quantprecision: '1' });
  const model = join(folder, `${scheme}.onnx`);
  const outputs = await runModel(machine, { model, feeds: { input: { type: 'uint8', dims, data } }, batch: 50 });
  const found = Float32Array.from(outputs['linear']!.data);
  expect(found.length).toBe(count * CLASSES);
  const same = fidelity();
  let [differing, largest] = [0, 0];
  for (let i = 0; i < count; i++) {
    const span = [i * CLASSES, (i + 1) * CLASSES] as const;
    const [a, b] = [exact.subarray(...span), found.subarray(...span)];
    same.add(a, b);
    const off = a.reduce((most, value, c) => Math.max(most, Math.abs(value - b[c]!)), 0);
    if (off > tolerance) differing++;
    largest = Math.max(largest, off);
  }
  return { agreement: same.agreement(), sqnrDb: same.sqnrDb(), differing, largest };
}

describe('a ResNet-20 in INT8 on CIFAR-10, beside exact integer arithmetic,', () => {
  test('by the default scheme computes the same on AVX2 without VNNI', async () => {
    const { agreement, differing } = await compared(avx2, 'u8s8-safe', TESTED, 0);
    expect(agreement).toBe(1);
    expect(differing).toBeLessThanOrEqual(TESTED / 100);
  });

  test('by u8s8 is another network there, whose sums saturate', async () => {
    const { agreement, sqnrDb, differing } = await compared(avx2, 'u8s8', TESTED, 0.1);
    expect(differing).toBeGreaterThan(TESTED / 2);
    expect(sqnrDb).toBeLessThan(25);
    expect(agreement).toBeLessThan(1);
  });

  describe.each([cortexA72, cortexA76])('on $name', (machine) => {
    test.each(schemes)('by %s computes the same', async (scheme) => {
      const { agreement, largest } = await compared(machine, scheme, TESTED_ON_ARM, 0);
      expect(agreement).toBe(1);
      expect(largest).toBeLessThan(1e-5);
    });
  });
});
