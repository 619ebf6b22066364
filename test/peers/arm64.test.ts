import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenCase, goldenPath } from '../suite/fixtures.ts';
import { type Machine, repositoryFolder, runScript } from './emulate/machine.ts';
import { cortexA72, cortexA76, native } from './emulate/machines.ts';
import { countPairs } from './emulate/pair-rule.ts';
import { runModel } from './emulate/run-model.ts';

type Smoke = { readonly arch: string; readonly backends: readonly string[]; readonly pixels: readonly number[] };

let folder = '';
let picture = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resedge-arm64-'));
  picture = join(folder, 'waves.jpg');
  const side = 96;
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, index) => {
    return 128 + 100 * Math.sin(index / 37) * Math.cos(index / side / 41);
  });
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg()
    .toFile(picture);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function smoke(machine: Machine): Promise<Smoke> {
  const script = join(repositoryFolder, 'test/runtime/arm64/smoke.mjs');
  return JSON.parse(await runScript(machine, script, [machine.packages, picture])) as Smoke;
}

describe.each([cortexA72, cortexA76])('$name', (machine) => {
  test('loads the native packages and decodes a picture as x86-64 does', async () => {
    const expected = await smoke(native);
    const seen = await smoke(machine);
    expect(seen.arch).toBe('arm64');
    expect(seen.backends).toContain('cpu');
    expect(seen.pixels.length).toBe(32 * 32 * 3);
    expect(new Set(seen.pixels).size).toBeGreaterThan(30);
    const differences = seen.pixels.map((value, index) => Math.abs(value - expected.pixels[index]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  });

  test('runs the golden models to their expected outputs', async () => {
    for (const [name, type] of [
      ['qdq-conv', 'uint8'],
      ['float-conv', 'float32'],
    ] as const) {
      const { inputs, outputs } = goldenCase(name);
      const [[input, { dims, data }]] = Object.entries(inputs) as [[string, (typeof inputs)[string]]];
      const values = type === 'uint8' ? Uint8Array.from(data) : Float32Array.from(data);
      const seen = await runModel(machine, {
        model: goldenPath(`${name}.onnx`),
        feeds: { [input]: { type, dims, data: values } },
      });
      for (const [output, expected] of Object.entries(outputs)) {
        expect(seen[output]?.dims, name).toEqual(expected.dims);
        const differences = expected.data.map((value, index) => Math.abs(value - seen[output]!.data[index]!));
        expect(Math.max(...differences), name).toBeLessThan(1e-4);
      }
    }
  });

  test('sums INT8 products exactly', async () => {
    const cases = await countPairs(machine);
    expect(cases.length).toBeGreaterThan(10);
    for (const { name, accumulators, exact } of cases) expect(exact, name).toBe(accumulators);
  });
});
