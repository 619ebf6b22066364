import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWeights } from '../../converter/weights/index.ts';
import { DATA, ROOT } from '../bench/common/folders.ts';
import { BUNDLED, CLASSES, PICTURES, succeed } from '../runtime/node/resedge.ts';
import { PYTHON } from './python/program.ts';

type Read = Readonly<
  Record<
    string,
    {
      readonly dtype: string;
      readonly dims: readonly number[];
      readonly finite: boolean;
      readonly count: number | null;
    }
  >
>;

const SIDE = 32;
const PER_CLASS = 2;
const folder = mkdtempSync(join(tmpdir(), 'resedge-train-peer-'));

beforeAll(async () => {
  for (const label of CLASSES) {
    mkdirSync(join(folder, 'in', label), { recursive: true });
    for (let i = 0; i < PER_CLASS; i++) {
      const picture = sharp(join(PICTURES, `${label}.svg`)).resize(SIDE, SIDE);
      await picture.modulate({ brightness: 0.9 + 0.2 * i }).toFile(join(folder, 'in', label, `${i}.png`));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What safetensors' own package reads in the weights of a network that was trained for so many epochs. */
async function trained(arch: string, epochs: number, batch: number): Promise<Read> {
  const path = join(folder, `${arch}.safetensors`);
  const quick = ['--epochs', `${epochs}`, '--batch', `${batch}`, '--input-size', `${SIDE}`, '--lr', '0.01'];
  await succeed(['train', '--arch', arch, '--data', join(folder, 'in'), '-o', path, ...quick]);
  const script = join(ROOT, 'test/peers/python/safetensors_names.py');
  return JSON.parse(execFileSync(PYTHON, [script, path], { encoding: 'utf8' })) as Read;
}

/** Names, types and shapes of what a file of PyTorch's holds. */
function stated(path: string): readonly string[] {
  const { tensors } = readWeights(new Uint8Array(readFileSync(path)));
  const types: Readonly<Record<string, string>> = { F32: 'float32', I64: 'int64' };
  return [...tensors].map(([name, { dtype, dims }]) => `${name} ${types[dtype] ?? dtype} ${dims.join(' x ')}`).sort();
}

const found = (read: Read): readonly string[] =>
  Object.entries(read)
    .map(([name, { dtype, dims }]) => `${name} ${dtype} ${dims.join(' x ')}`)
    .sort();

const names = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.split(' ').slice(0, 2).join(' '));

test('safetensors reads trained weights, under the names, types and shapes that PyTorch gave a ResNet-20', async () => {
  const read = await trained('resnet20', 2, 8);
  expect(found(read)).toEqual(stated(join(BUNDLED, 'resnet20-cifar10.safetensors')));
  expect(Object.values(read).every(({ finite }) => finite)).toBe(true);
  const counts = Object.entries(read).filter(([name]) => name.endsWith('.num_batches_tracked'));
  expect(counts).toHaveLength(21);
  for (const [, { count }] of counts) expect(count).toBe(2 * Math.floor((PER_CLASS * CLASSES.length) / 8));
});

test.each(['resnet18', 'resnet50'])('the names of %s are those of torchvision', async (arch) => {
  expect(names(found(await trained(arch, 1, PER_CLASS * CLASSES.length)))).toEqual(
    names(stated(join(DATA, 'golden', `${arch}.safetensors`))),
  );
});

test('and those of a published ResNet-20 but for its head and its shortcuts', async () => {
  const published = readWeights(new Uint8Array(readFileSync(join(DATA, 'weights', 'resnet20-12fca82f.th'))));
  const read = await trained('resnet20', 2, 8);
  expect(Object.keys(read).filter((name) => name.startsWith('module.'))).toEqual([]);
  for (const [name, { dims }] of published.tensors) {
    expect([name, read[name.replace(/^linear\./, 'fc.')]?.dims]).toEqual([name, dims]);
  }
});
