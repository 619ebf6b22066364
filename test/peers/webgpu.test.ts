import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guess } from '../../src/runtime/answer.ts';
import { setup as buildPackage } from '../runtime/build.ts';
import { BUNDLED, CLASSES, MAIN, PICTURES, resedge, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { bundlePage, ORT } from './browser/bundle.ts';
import { type Site, serve } from './browser/serve.ts';
import { startChromium, type Visit, visit } from './browser/visit.ts';

/** Vulkan on the CPU, as Debian's Chromium brings it: slow, and right. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Float16 and other kernels' order of summation differ in the fourth digit. */
const TOLERANCE = 2e-3;

type Answers = {
  readonly provider: string;
  readonly warnings: readonly string[];
  readonly tops: readonly (readonly Guess[])[];
};

const folder = mkdtempSync(join(tmpdir(), 'resedge-webgpu-'));
const models = { fp32: join(folder, 'fp32.onnx'), int8: join(folder, 'int8.onnx') };
const profile = join(folder, 'webgpu.json');
const names = CLASSES.slice(0, 3);
const drawings = names.map((name) => join(folder, `${name}.png`));
const env = { VK_ICD_FILENAMES: SWIFTSHADER, XDG_RUNTIME_DIR: folder };
let expected: readonly (readonly Guess[])[];

async function answers(
  where: Readonly<Record<string, string>>,
): Promise<readonly { readonly top: readonly Guess[]; readonly provider: string }[]> {
  const { stdout } = await resedge(['classify', ...drawings, '--model', models.fp32, '--top', '10', '--json'], {
    env: where,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function expectClose(tops: readonly (readonly Guess[])[]): void {
  for (const [i, top] of tops.entries()) {
    const by = new Map(expected[i]!.map(({ label, probability }) => [label, probability]));
    expect(top[0]?.label).toBe(names[i]);
    for (const { label, probability } of top) expect(Math.abs(probability - by.get(label)!)).toBeLessThan(TOLERANCE);
  }
}

beforeAll(async () => {
  buildPackage();
  const labels = join(folder, 'labels.txt');
  writeFileSync(labels, CLASSES.join('\n'));
  await succeed(['convert', WEIGHTS, '--labels', labels, '-o', models.fp32, '--precision', 'fp32']);
  await succeed(['convert', WEIGHTS, '--labels', labels, '-o', models.int8, '--calibrate', TABLE]);
  for (const [i, name] of names.entries())
    await sharp(join(PICTURES, `${name}.svg`))
      .flatten({ background: '#fff' })
      .ensureAlpha()
      .png()
      .toFile(drawings[i]!);
  const providers = [
    { provider: 'webgpu', backend: 'onnxruntime-node', precision: 'fp32' },
    { provider: 'cpu', backend: 'onnxruntime-node', precision: 'int8' },
  ];
  const verified = { how: 'not run', what: 'a test', where: 'here' };
  writeFileSync(
    profile,
    JSON.stringify({ id: 'gpu', name: 'GPU', extends: 'generic-x64', detect: {}, providers, verified }),
  );
  expected = (await answers({})).map(({ top }) => top);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('WebGPU in Node', () => {
  const gpu = { ...env, RESEDGE_DEVICE: profile };

  test('computes as the CPU, and runs every node', async () => {
    const found = await answers(gpu);
    expect(found.map(({ provider }) => provider)).toEqual(['webgpu', 'webgpu', 'webgpu']);
    expectClose(found.map(({ top }) => top));
    const { stdout } = await resedge(['bench', '--model', models.fp32, '--runs', '3', '--json'], { env: gpu });
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'webgpu', nodes: { webgpu: expect.any(Number) } });
    expect(JSON.parse(stdout).nodes).not.toHaveProperty('cpu');
  });

  test('doctor lets it compute, in a process of its own', async () => {
    const { stdout } = await resedge(['doctor', '--json'], { env: gpu });
    const found = JSON.parse(stdout).checks.find(({ name }: { readonly name: string }) => name === 'webgpu');
    expect(found.found).toMatch(/^fp32.* right in onnxruntime-node, nodes on webgpu/);
  });

  test('strict refuses a model some of whose nodes it leaves to the CPU', async () => {
    const script = join(folder, 'strict.mjs');
    writeFileSync(
      script,
      `import { nativeBackend } from ${JSON.stringify(pathToFileURL(join(MAIN, '../../node/index.js')))};
      const common = { provider: 'webgpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false };
      const source = { kind: 'path', path: ${JSON.stringify(models.int8)} };
      await (await nativeBackend.open(source, common)).close();
      await nativeBackend.open(source, { ...common, strict: true }).catch((error) => console.log(error.code, error.message));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, ...env } });
    expect(stdout).toMatch(/^unsupported strict: expected webgpu to run every node of .*int8\.onnx/);
  });
});

describe('WebGPU and WebNN in Chromium', () => {
  let site: Site;
  let browser: Browser;
  let page: Visit;
  const address = (path: string): string => `http://127.0.0.1:${site.port}/isolated/${path}`;
  const ask = (model: string, providers: readonly string[]): Promise<Answers> =>
    page.call('answers', {
      model: address(`files/${model}`),
      pictures: names.map((name) => address(`files/${name}.png`)),
      options: { wasmPaths: address('ort'), providers, deviceType: 'npu', threads: 1 },
    });

  beforeAll(async () => {
    const built = join(folder, 'page');
    mkdirSync(built);
    await bundlePage(built);
    site = await serve({ page: built, ort: ORT, files: folder, bundled: BUNDLED });
    browser = await startChromium([
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
    ]);
    page = await visit(browser, address('page/index.html'));
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  test('WebGPU computes as Node on the CPU', async () => {
    const { provider, warnings, tops } = await ask('fp32.onnx', ['webgpu', 'wasm']);
    expect({ provider, warnings }).toEqual({ provider: 'webgpu', warnings: [] });
    expectClose(tops);
  });

  test('an INT8 model runs on WASM instead, and the reason is said', async () => {
    const { provider, warnings, tops } = await ask('int8.onnx', ['webgpu', 'wasm']);
    expect(provider).toBe('wasm');
    expect(warnings).toEqual([expect.stringMatching(/^running on wasm: webgpu runs fp16 and fp32, not int8/)]);
    expect(tops.map(([first]) => first?.label)).toEqual(names);
  });

  test('a browser without WebNN says so', async () => {
    const { provider, warnings } = await ask('fp32.onnx', ['webnn', 'wasm']);
    expect(provider).toBe('wasm');
    expect(warnings).toEqual([expect.stringMatching(/^running on wasm: .*WebNN/)]);
  });
});

test('without a graphics driver WebGPU is missing, and the CPU does the work', async () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', XDG_RUNTIME_DIR: folder, RESEDGE_DEVICE: profile };
  const { code, stdout, stderr } = await resedge(['classify', drawings[0]!, '--model', models.fp32, '--json'], {
    env: nowhere,
  });
  expect({ code, provider: JSON.parse(stdout).provider }).toEqual({ code: 0, provider: 'cpu' });
  expect(stderr).toMatch(/running on cpu: expected provider webgpu in onnxruntime-node, a probe says: /);
});
