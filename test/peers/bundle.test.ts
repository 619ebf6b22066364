import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setup } from '../runtime/build.ts';
import { CLASSES, json, PICTURES, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { runCommand, runShell, writeNode } from './emulate/command.ts';
import { repositoryFolder } from './emulate/machine.ts';
import { cortexA72, cortexA76, native } from './emulate/machines.ts';

type Answer = {
  readonly top: readonly { readonly label: string; readonly probability: number }[];
  readonly provider: string;
};

const MAX_BYTES = 70 * 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'resedge-bundle-'));
const at = (name: string): string => join(folder, name);
const pictures = at('pictures');
const dog = join(pictures, 'dog.jpg');

let expected: Answer;
let nano: unknown;

beforeAll(async () => {
  vi.stubEnv('RESEDGE_CACHE', 'off');
  setup();
  mkdirSync(pictures);
  await sharp(join(PICTURES, 'dog.svg')).jpeg().toFile(dog);
  writeFileSync(at('labels.json'), JSON.stringify(CLASSES));
  const labelled = ['--calibrate', TABLE, '--labels', at('labels.json')];
  await succeed(['convert', WEIGHTS, '-o', at('model.onnx'), ...labelled]);
  expected = (await json(['classify', dog, '--model', at('model.onnx')])) as Answer;
  nano = await bundleFor('jetson-nano', 'nano');
  await bundleFor('raspberry-pi-5', 'pi5');
  for (const machine of [cortexA72, cortexA76]) {
    mkdirSync(at(machine.name));
    writeNode(machine, at(machine.name));
  }
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function filesOf(name: string): ReadonlyMap<string, number> {
  const names = readdirSync(at(name), { recursive: true, encoding: 'utf8' });
  const stats = names.map((file) => [file, statSync(join(at(name), file))] as const);
  return new Map(stats.filter(([, item]) => item.isFile()).map(([file, { size }]) => [file, size]));
}

function expectSame(printed: string, provider: string): void {
  const answer = JSON.parse(printed) as Answer;
  expect(answer).toMatchObject({ provider, top: [{ label: 'dog' }, ...Array(4).fill({})] });
  expect(Math.abs(answer.top[0]!.probability - expected.top[0]!.probability)).toBeLessThan(0.01);
}

/** Fetches what this machine does not have, for which a registry may take its time. */
async function bundleFor(device: string, folder: string): Promise<unknown> {
  const args = ['bundle', '--device', device, '--model', at('model.onnx'), '-o', at(folder), '--json'];
  return JSON.parse(await runCommand(native, repositoryFolder, args));
}

describe.concurrent('a bundle for a Raspberry Pi 5', () => {
  test('holds one platform, no converter, and at most 70 MB', () => {
    const files = filesOf('pi5');
    expect([...files.values()].reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_BYTES);
    const names = [...files.keys()];
    const libraries = names.filter((name) => /\.(node|so|dylib|dll|wasm)(\.[\d.]+)?$/.test(name));
    expect(libraries.map((name) => name.split('/').at(-1)).sort()).toEqual([
      expect.stringMatching(/^libonnxruntime\.so/),
      expect.stringMatching(/^libvips-cpp\.so/),
      'onnxruntime_binding.node',
      expect.stringMatching(/^sharp-linux-arm64-/),
    ]);
    for (const name of libraries) expect(name).toContain('arm64');
    expect(names.filter((name) => /^dist\/converter|\.d\.[cm]?ts$|\.map$/.test(name))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'model.onnx', 'resedge', 'start.sh', 'resedge.service']),
    );
  });

  test('answers on the emulated board as x64 does', async () => {
    const args = ['classify', dog, '--model', join(at('pi5'), 'model.onnx'), '--json'];
    expectSame(await runShell(join(at('pi5'), 'resedge'), args, at(cortexA76.name)), 'cpu');
  });

  test('starts on the emulated board and says what its camera sees', async () => {
    const start = join(at('pi5'), 'start.sh');
    const env = { RESEDGE_CAMERA: pictures };
    const printed = await runShell(start, ['--frames', '1', '--json'], at(cortexA76.name), env);
    expect(JSON.parse(printed)).toMatchObject({ label: 'dog' });
  });
});

describe.concurrent('a bundle for a Jetson Nano, whose system is too old for native libraries,', () => {
  test('holds WebAssembly instead and says so', () => {
    expect(nano).toMatchObject({ runtime: 'wasm', why: expect.stringMatching(/glibc 2\.27/) });
    const names = [...filesOf('nano').keys()];
    expect(names.filter((name) => name.includes('onnxruntime-node'))).toEqual([]);
    expect(names.filter((name) => name.endsWith('.wasm'))).toHaveLength(1);
  });

  test('answers as x64 does', async () => {
    const args = ['classify', dog, '--model', join(at('nano'), 'model.onnx'), '--json'];
    expectSame(await runShell(join(at('nano'), 'resedge'), args, at(cortexA72.name)), 'wasm');
  });
});
