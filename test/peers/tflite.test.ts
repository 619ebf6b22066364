import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexOfLargest } from '../../src/tensor/fidelity.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { cifar10 } from '../bench/common/folders.ts';
import { largestDifference } from '../unit/converter/conversions.ts';
import { logitsOf } from '../unit/converter/runner.ts';
import { convertTflite } from '../unit/converter/tflite/sources.ts';
import { PYTHON } from './python/program.ts';

const SIZE = 32;
const CLASSES = 10;
const OF_EACH_CLASS = 40;
const PICTURES = CLASSES * OF_EACH_CLASS;

const folder = mkdtempSync(join(tmpdir(), 'resedge-tflite-'));
const golden = join(import.meta.dirname, '../golden/tflite');
let pictures: Tensor<'uint8'>;

beforeAll(async () => {
  const root = await cifar10('test');
  const paths = readdirSync(root)
    .toSorted()
    .flatMap((name) =>
      readdirSync(join(root, name))
        .toSorted()
        .slice(0, OF_EACH_CLASS)
        .map((file) => join(root, name, file)),
    );
  const data = new Uint8Array(PICTURES * SIZE * SIZE * 3);
  for (const [index, path] of paths.entries()) {
    const pixels = await sharp(path).removeAlpha().toColourspace('srgb').raw().toBuffer();
    data.set(pixels, index * SIZE * SIZE * 3);
  }
  pictures = { dtype: 'uint8', dims: [PICTURES, SIZE, SIZE, 3], data };
  writeFileSync(join(folder, 'pictures.bin'), data);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** LiteRT's scores, and those of the converted file with every node as it is written. */
async function bothOf(name: string): Promise<readonly [wanted: Float32Array, found: Float32Array]> {
  const [script, scores] = [join(import.meta.dirname, 'python/litert.py'), join(folder, `${name}.bin`)];
  const file = join(golden, `${name}.tflite`);
  execFileSync(PYTHON, [script, file, join(folder, 'pictures.bin'), String(SIZE), scores], { stdio: 'ignore' });
  const wanted = new Float32Array(new Uint8Array(readFileSync(scores)).buffer);
  return [wanted, await logitsOf((await convertTflite(name)).model, pictures, 'disabled')];
}

/** Pictures whose first class has LiteRT's highest score. */
function sameLabels(wanted: Float32Array, found: Float32Array): number {
  const rows = Array.from({ length: PICTURES }, (_, i) => [i * CLASSES, (i + 1) * CLASSES] as const);
  return rows.filter(([from, to]) => {
    const scores = wanted.subarray(from, to);
    return scores[indexOfLargest(found.subarray(from, to))] === Math.max(...scores);
  }).length;
}

function equalShare(wanted: Float32Array, found: Float32Array): number {
  return wanted.filter((score, i) => Math.abs(score - found[i]!) < 1e-5).length / wanted.length;
}

test.each(['resnet.float', 'resnet.half', 'mobile.float', 'variety.float'])(
  "%s gives LiteRT's scores on photographs",
  async (name) => {
    const [wanted, found] = await bothOf(name);
    expect(largestDifference(found, wanted)).toBeLessThan(1e-4);
  },
);

test.each(['resnet.int8', 'resnet.uint8', 'resnet.legacy'])(
  "%s gives LiteRT's labels on photographs, and nearly all of its logits exactly",
  async (name) => {
    const [wanted, found] = await bothOf(name);
    expect(sameLabels(wanted, found)).toBe(PICTURES);
    expect(equalShare(wanted, found)).toBeGreaterThan(0.99);
  },
);

test("mobile.int8 gives LiteRT's labels on photographs", async () => {
  const [wanted, found] = await bothOf('mobile.int8');
  expect(sameLabels(wanted, found)).toBe(PICTURES);
});

// Every pixel lies half way between two of the integers that these quantize it to, and LiteRT's own kernels part there as well.
test.each(['mobile.float-io', 'variety.int8'])("%s gives LiteRT's labels on nearly all photographs", async (name) => {
  const [wanted, found] = await bothOf(name);
  expect(sameLabels(wanted, found)).toBeGreaterThanOrEqual(0.97 * PICTURES);
});
