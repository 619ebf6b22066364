import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setup } from '../runtime/build.ts';
import { PICTURES, WEIGHTS } from '../runtime/node/resedge.ts';
import { layOut, runCommand } from './emulate/command.ts';
import type { Machine } from './emulate/machine.ts';
import { cortexA72, cortexA76, native } from './emulate/machines.ts';
import { type ModelTensor, runModel } from './emulate/run-model.ts';

type Answer = {
  readonly image: string;
  readonly top: readonly { label: string; probability: number }[];
  provider: string;
};

/** Two conversions under emulation, side by side: about a minute on two cores that do nothing else. */
const CONVERTING_MS = 600_000;
const SIDE = 32;
const machines = [cortexA72, cortexA76];
const folder = mkdtempSync(join(tmpdir(), 'resedge-arm64-'));
const pictures = join(folder, 'pictures');
const modelOf = (machine: Machine): string => join(folder, machine.name, 'model.onnx');

beforeAll(async () => {
  vi.stubEnv('RESEDGE_CACHE', 'off');
  setup();
  mkdirSync(pictures);
  for (const name of readdirSync(PICTURES)) {
    const file = join(pictures, name.replace('.svg', '.jpg'));
    await sharp(join(PICTURES, name)).resize(64, 64).jpeg().toFile(file);
  }
  for (const machine of [native, ...machines]) {
    mkdirSync(join(folder, machine.name));
    layOut(machine, join(folder, machine.name));
  }
  const convert = (machine: Machine): Promise<string> => {
    const args = ['convert', WEIGHTS, '-o', modelOf(machine), '--calibrate', pictures, '--force'];
    return runCommand(machine, join(folder, machine.name), args);
  };
  await Promise.all([native, ...machines].map(convert));
}, CONVERTING_MS);

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function classify(machine: Machine): Promise<readonly Answer[]> {
  const args = ['classify', pictures, '--model', modelOf(native), '--json'];
  const printed = await runCommand(machine, join(folder, machine.name), args);
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The logits of the ten pictures, all from the pixels that x64 decodes. */
async function logitsOn(machine: Machine): Promise<ModelTensor> {
  const files = readdirSync(pictures).sort();
  const pixels = files.map((name) => sharp(join(pictures, name)).resize(SIDE, SIDE).removeAlpha().raw().toBuffer());
  const data = Uint8Array.from(Buffer.concat(await Promise.all(pixels)));
  const feeds = { input: { type: 'uint8', dims: [files.length, SIDE, SIDE, 3], data } } as const;
  const [logits] = Object.values(await runModel(machine, { model: modelOf(native), feeds }));
  return logits!;
}

describe.concurrent.each(machines)('on $name', (machine) => {
  // Calibration runs the network in float32, whose sums round by the order that a processor's kernels add in.
  test('convert calibrates, corrects and writes the bytes that x64 writes, but for one in a hundred', () => {
    const expected = readFileSync(modelOf(native));
    const found = readFileSync(modelOf(machine));
    expect(found.length).toBe(expected.length);
    const different = found.reduce((count, byte, index) => count + Number(byte !== expected[index]), 0);
    expect(different / expected.length).toBeLessThanOrEqual(0.01);
  });

  test('an INT8 model gives the very logits of x64', async () => {
    const expected = await logitsOn(native);
    const found = await logitsOn(machine);
    expect(found.dims).toEqual([10, 10]);
    expect(new Set(found.data).size).toBeGreaterThan(50);
    expect([...found.data]).toEqual([...expected.data]);
  });

  // Decoders may differ by one level of a pixel.
  test('classify decodes JPEGs and answers as x64 does', async () => {
    const [expected, found] = [await classify(native), await classify(machine)];
    expect(found).toHaveLength(10);
    for (const [index, { image, top, provider }] of found.entries()) {
      const [best] = expected[index]!.top;
      expect({ image: basename(image), provider, label: top[0]?.label }).toEqual({
        image: basename(expected[index]!.image),
        provider: 'cpu',
        label: best?.label,
      });
      expect(Math.abs(top[0]!.probability - best!.probability)).toBeLessThan(0.01);
    }
  });
});
