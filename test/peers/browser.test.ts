import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Geometry } from '../../src/image/fit.ts';
import type { Guess } from '../../src/runtime/answer.ts';
import { setup as buildPackage } from '../runtime/build.ts';
import { succeed } from '../runtime/node/resedge.ts';
import { goldenCase } from '../suite/fixtures.ts';
import { bundlePage, ORT, ROOT } from './browser/bundle.ts';
import { meanDifference } from './browser/mean-difference.ts';
import { type Site, serve } from './browser/serve.ts';
import { startChromium, type Visit, visit } from './browser/visit.ts';

type Answers = {
  readonly isolated: boolean;
  readonly provider: string;
  readonly threads: number;
  readonly warnings: readonly string[];
  readonly tops: readonly (readonly Guess[])[];
};

const bundled = join(ROOT, 'models/resnet20-cifar10');
const manifest = JSON.parse(readFileSync(join(bundled, 'manifest.json'), 'utf8'));
const weights = join(bundled, manifest.weights);
const table = join(bundled, manifest.calibration);
const names: readonly string[] = readdirSync(join(bundled, manifest.pictures)).map((file) => file.replace('.svg', ''));

const folder = mkdtempSync(join(tmpdir(), 'resedge-browser-'));
const model = join(folder, 'int8.onnx');
const drawings = names.map((name) => join(folder, `${name}.png`));
let site: Site;
let browser: Browser;
let isolated: Visit;
let plain: Visit;
let expected: readonly (readonly Guess[])[];

const address = (mode: 'isolated' | 'plain', path: string): string => `http://127.0.0.1:${site.port}/${mode}/${path}`;

/** What Node answers about the same files. */
async function nodeAnswers(): Promise<readonly (readonly Guess[])[]> {
  const lines = await succeed(['classify', ...drawings, '--model', model, '--top', '10', '--json']);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).top);
}

beforeAll(async () => {
  buildPackage();
  const labels = join(folder, 'labels.json');
  writeFileSync(labels, JSON.stringify(manifest.labels));
  const calibrated = ['--calibrate', table, '--labels', labels];
  await succeed(['convert', weights, '-o', model, ...calibrated]);
  await succeed(['convert', weights, '-o', join(folder, 'plain.onnx'), '--corrections', 'none', ...calibrated]);
  // With an alpha channel, since Node then resizes to the bit as Pillow and the browser do; else sharp does it, within a level.
  for (const [i, name] of names.entries()) {
    await sharp(join(bundled, manifest.pictures, `${name}.svg`))
      .flatten({ background: '#fff' })
      .ensureAlpha()
      .png()
      .toFile(drawings[i]!);
  }
  expected = await nodeAnswers();
  const page = join(folder, 'page');
  mkdirSync(page);
  await bundlePage(page);
  const golden = join(ROOT, 'test/golden');
  site = await serve({ page, ort: ORT, files: folder, bundled, golden });
  browser = await startChromium();
  isolated = await visit(browser, address('isolated', 'page/index.html'));
  plain = await visit(browser, address('plain', 'page/index.html'));
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  expect([...isolated.complaints(), ...plain.complaints()]).toEqual([]);
});

function asked(mode: 'isolated' | 'plain', options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pictures = names.map((name) => address(mode, `files/${name}.png`));
  return { model: address(mode, 'files/int8.onnx'), pictures, options };
}

function expectNodesAnswers({ tops, provider }: Answers): void {
  expect(provider).toBe('wasm');
  expect(tops.map(([first]) => first?.label)).toEqual(expected.map(([first]) => first?.label));
  for (const [i, top] of tops.entries()) {
    expect(top).toHaveLength(10);
    for (const { index, label, probability } of top) {
      const same = expected[i]!.find((guess) => guess.index === index)!;
      expect(label).toBe(same.label);
      expect(Math.abs(probability - same.probability)).toBeLessThan(1e-3);
    }
  }
}

describe('classifies the ten drawings as Node does', () => {
  test('in an isolated page, on two threads', async () => {
    const found = await isolated.call<Answers>('answers', asked('isolated', { wasmPaths: '../ort', threads: 2 }));
    expect(found).toMatchObject({ isolated: true, threads: 2, warnings: [] });
    expect(found.tops.map(([first]) => first?.label)).toEqual(names);
    expectNodesAnswers(found);
  });

  test('in a page that is not isolated, on one thread, and says so', async () => {
    const found = await plain.call<Answers>('answers', asked('plain', { wasmPaths: '../ort', threads: 2 }));
    expect(found).toMatchObject({ isolated: false, threads: 1 });
    expect(found.warnings).toEqual([expect.stringMatching(/^running on 1 thread instead of 2.*Cross-Origin-Opener/)]);
    expectNodesAnswers(found);
  });

  test('in a Web Worker', async () => {
    const wasmPaths = address('isolated', 'ort/');
    const found = await isolated.call<Answers>('answersOfWorker', asked('isolated', { wasmPaths, threads: 2 }));
    expect(found).toMatchObject({ isolated: true, threads: 2, warnings: [] });
    expectNodesAnswers(found);
  });

  test('with the WASM file beside the script, on one thread', async () => {
    const page = await visit(browser, address('isolated', 'page/index.html'));
    const found = await page.call<Answers>('answers', asked('isolated', { threads: 2 }));
    expect(found).toMatchObject({ isolated: true, threads: 1, warnings: [expect.stringContaining('wasmPaths')] });
    expectNodesAnswers(found);
    expect(page.complaints()).toEqual([]);
    await page.close();
  });

  test('on the threads of the first model, and says so', async () => {
    const found = await isolated.call<Answers>('answers', asked('isolated', { wasmPaths: '../ort', threads: 1 }));
    expect(found).toMatchObject({
      threads: 2,
      warnings: [expect.stringMatching(/^running on 2 threads instead of 1:/)],
    });
  });
});

describe('a session', () => {
  const { inputs, outputs } = goldenCase('float-conv');
  const input = inputs['input']!;
  const float = 'golden/runtime/float-conv.onnx';

  test('keeps the results of runs apart', async () => {
    const batches = [1, 3, 2, 1].map((n) => ({ dims: [n, 3, 8, 8], data: input.data.slice(0, n * 192) }));
    const found = await isolated.call<readonly number[][]>('logitsOf', address('isolated', float), '../ort', batches);
    for (const [i, { dims }] of batches.entries()) {
      const wanted = outputs['logits']!.data.slice(0, dims[0]! * 5);
      expect(found[i]).toHaveLength(wanted.length);
      for (const [at, value] of found[i]!.entries()) expect(Math.abs(value - wanted[at]!)).toBeLessThan(1e-5);
    }
  });

  test('finishes its runs before it closes, and names what is wrong with the others', async () => {
    const one = { dims: [1, 3, 8, 8], data: input.data.slice(0, 192) };
    expect(await plain.call('manners', address('plain', float), '../ort', one)).toEqual([
      expect.stringMatching(/^input: expected the inputs input, came image/),
      expect.stringMatching(/^input: expected shape \[N, 3, 8, 8\]/),
      expect.stringMatching(/^input: expected an output among logits, pool, came scores/),
      'run',
      'run',
      'close',
      expect.stringMatching(/^usage: .*closed/),
    ]);
  });

  test('carries every element type through', async () => {
    const types = address('isolated', 'golden/runtime/types.onnx');
    const echoes = await isolated.call<Record<string, [string, string]>>('echoes', types, '../ort');
    expect(Object.keys(echoes)).toHaveLength(9);
    for (const [sent, received] of Object.values(echoes)) expect(received).toBe(sent);
  });

  test('of another provider is not available', async () => {
    const refused = await isolated.call<string>('refusedProvider', address('isolated', float), '../ort');
    expect(refused).toMatch(/^unavailable: .*has wasm, not webnn/);
  });
});

type Case = Geometry & { readonly name: string; readonly picture: string };

/** Chromium decodes no TIFF, cuts off nothing of 16 bits but rounds, converts CMYK by a profile, and hides colours under alpha. */
const OTHERWISE = /\.tif$|^alpha|^grey-alpha|transparent|^cmyk|16\.png$/;

describe('what a model sees', () => {
  const cases: readonly Case[] = JSON.parse(readFileSync(join(ROOT, 'test/golden/image/cases.json'), 'utf8'));
  const alike = cases.filter(({ picture }) => !OTHERWISE.test(picture));
  const wanted = ({ name }: Case): Uint8Array => readFileSync(join(ROOT, `test/golden/image/expected/${name}.rgb`));

  test('is what Pillow gives', async () => {
    const pictures = alike.map(({ name: _, picture, ...geometry }) => {
      return { address: address('plain', `golden/image/pictures/${picture}`), ...geometry };
    });
    const found = await plain.call<readonly number[][]>('seen', pictures);
    const differences = Object.fromEntries(alike.map((one, i) => [one.name, meanDifference(found[i]!, wanted(one))]));
    expect(Object.keys(differences).length).toBeGreaterThan(25);
    for (const [name, difference] of Object.entries(differences))
      expect([name, difference <= (/jpg/.test(name) ? 0.75 : 0)]).toEqual([name, true]);
  });

  test('is the same in every form that a page has a picture in', async () => {
    const drawing = address('plain', 'files/dog.png');
    const forms = await plain.call<Record<string, number[]>>('seenAsEveryForm', drawing, { inputSize: 32, resize: 36 });
    const { blob = [], video = [], ...others } = forms;
    expect(blob).toHaveLength(32 * 32 * 3);
    expect(Object.keys(others)).toHaveLength(8);
    for (const pixels of Object.values(others)) expect(pixels).toEqual(blob);
    // On its way into a video the colours lose their halved resolution.
    expect(meanDifference(video, blob)).toBeLessThan(2);
  });

  test('is whole where the picture passes the canvas in parts', async () => {
    const rows = [0, 1, 500, 1000, 1023, 1024, 1500, 2047];
    expect(await plain.call('seenInBands', 2048, 2048, rows)).toEqual(rows.map((row) => row % 251));
  });
});

describe('what cannot be used is named in one line', () => {
  const lines: readonly (readonly [kind: string, says: RegExp])[] = [
    ['text', /^input: note\.jpg: expected a picture that this browser decodes/],
    ['svg', /^input: picture of \d+ bytes: expected a picture that this browser decodes/],
    ['closed', /^input: expected a picture, it has no pixels/],
    ['video', /^input: expected a picture, it has no pixels yet/],
    ['broken', /^input: data:image\/png;base64,AAAA: expected a picture that this browser decodes/],
    ['foreign', /^input: expected a picture that this page may read, it comes from another site/],
    ['huge', /^limit: expected a picture of at most 67108864 pixels, it has 16384 x 8192/],
  ];
  test.each(lines)('a picture: %s', async (kind, says) => {
    const foreign = address('plain', 'files/dog.png').replace('127.0.0.1', 'localhost');
    expect(await plain.call('refusedPicture', kind, foreign)).toMatch(says);
  });

  test('a model', async () => {
    const page = await visit(browser, address('plain', 'page/index.html'));
    const refused = (source: string): Promise<string> => page.call('refusedModel', source);
    const missing = address('plain', 'files/none.onnx');
    const html = address('plain', 'application/model.onnx');
    expect(await refused(missing)).toBe(
      `io: ${missing}: expected a model, the server answered 404 Not Found: check the address`,
    );
    expect(await refused(html)).toMatch(
      /^input: .*application\/model\.onnx: expected an ONNX model, an HTML page came/,
    );
    expect(await refused(address('plain', 'files/dog.png'))).toMatch(
      /dog\.png: expected an ONNX model, it is something/,
    );
    expect(await refused(address('plain', 'golden/runtime/float-conv.onnx'))).toMatch(
      /^input: .*float-conv\.onnx: expected a model made by resedge convert/,
    );
    expect(await refused('http://127.0.0.1:9/model.onnx')).toMatch(/^io: .*: expected a model, the request failed \(/);
    expect(await page.call('refusedBytes', '<html>')).toMatch(
      /^input: model\.onnx: expected an ONNX model, an HTML page/,
    );
    page.complaints();
    await page.close();
  });

  test("ONNX Runtime's own files", async () => {
    const page = await visit(browser, address('plain', 'page/index.html'));
    const refused = await page.call<string>('refusedModel', address('plain', 'files/int8.onnx'), '../nowhere');
    expect(refused).toMatch(/^io: expected ONNX Runtime's WASM files, .*wasmPaths/);
    expect(refused).not.toContain('\n');
    page.complaints();
    await page.close();
  });
});

type Converted = {
  readonly sha256: string;
  readonly bytes: number;
  readonly maxAbsError: number;
  readonly foldedLayers: number;
  readonly sqnrDb: number;
};

test('converts to the same bytes as Node', async () => {
  const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
  const found = await isolated.call<Converted>('conversion', {
    weights: address('isolated', `bundled/${manifest.weights}`),
    table: address('isolated', `bundled/${manifest.calibration}`),
    wasmPaths: '../ort',
    file: manifest.weights,
    labels: manifest.labels,
    preprocessing: { input: 'raw', layout: 'nhwc', interpolation: 'bilinear', ...manifest.preprocessing },
    producer: { name: 'resedge', version },
  });
  const written = readFileSync(join(folder, 'plain.onnx'));
  expect(found).toMatchObject({ bytes: written.length, sha256: createHash('sha256').update(written).digest('hex') });
  expect(found.foldedLayers).toBeGreaterThan(18);
  expect(found.maxAbsError).toBeLessThan(1e-4);
  expect(found.sqnrDb).toBeGreaterThan(15);
});
