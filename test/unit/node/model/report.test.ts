import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCHEMES } from '../../../../converter/quantize/scheme.ts';
import { bundledModel } from '../../../../src/node/model/bundled.ts';
import { convertFile } from '../../../../src/node/model/convert-file.ts';
import type { ConvertFileOptions } from '../../../../src/node/model/converted-file.ts';
import { folderWith } from '../folder.ts';

const bundled = bundledModel('resnet20-cifar10');

type Int8 = NonNullable<ConvertFileOptions['int8']>;

function options(output: string, int8: Partial<Int8> = {}): ConvertFileOptions {
  return {
    weights: bundled.weights,
    arch: 'auto',
    preprocessing: bundled.preprocessing,
    labels: bundled.labels.map((label) => `<${label}>`),
    output,
    int8: {
      recipe: { scheme: SCHEMES['u8s8-safe'], method: 'auto', corrections: ['bias'] },
      calibrate: bundled.calibration,
      samples: 10,
      seed: 0,
      floor: { sqnrDb: 15, agreement: 0.5 },
      ...int8,
    },
  };
}

/** What differs from run to run. */
function timeless(page: string): string {
  return page.replaceAll(/[\d.]+\u00a0ms|[\d.]+\u00d7|[\d.]+ times the speed|[\d.]+ s</g, '');
}

describe('the page about the bundled model', () => {
  let page: string;
  let names: readonly string[];
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'resedge-test-'));
    const { conversion } = await convertFile(options(join(folder, 'a.onnx'), { report: join(folder, 'a.html') }));
    page = readFileSync(join(folder, 'a.html'), 'utf8');
    const { plan, layers } = conversion.int8!;
    names = [...plan.activations.keys(), ...plan.layers.keys(), ...layers.map(({ name }) => name)];
    rmSync(folder, { recursive: true });
  });

  test('is well formed', () => {
    expect(unbalanced(page)).toBeUndefined();
  });

  test('names every layer and every value', () => {
    expect(names.length).toBeGreaterThan(50);
    expect(
      names.filter((name) => !page.includes(`class="name">${name}<`) && !page.includes(`<title>${name}:`)),
    ).toEqual([]);
  });

  test('needs nothing else, and no script', () => {
    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:/);
    expect(
      [...page.matchAll(/src="([^"]{5})/g)].map(([, start]) => start).filter((start) => start !== 'data:'),
    ).toEqual([]);
  });

  test('has one heading, and a name for every drawing and table', () => {
    expect(page.match(/<h1/g)).toHaveLength(1);
    const drawings = page.match(/<svg[^>]*>/g) ?? [];
    expect(drawings.filter((svg) => !/aria-hidden="true"|role="img" aria-label="[^"]+"/.test(svg))).toEqual([]);
    expect(page.match(/<caption>/g)).toHaveLength(page.match(/<table/g)?.length ?? 0);
  });

  test('states the verdict, the source and both sizes', () => {
    expect(page).toMatch(/is \d+\.\d\u00a0dB from FP32 and gives the same answer on .*16 generated pictures/);
    expect(page).toContain('80e00f5d8da159e304d1eeb54f6521e92015797618b5d9a0710d37a35749e1dd');
    expect(page).toMatch(/<th scope="row">File<\/th><td>1\.\d\u00a0MB<\/td><td>30\d\u00a0kB/);
  });

  test('is the same for the same inputs but for the times', async () => {
    const folder = folderWith();
    await convertFile(options(join(folder, 'b.onnx'), { report: join(folder, 'b.html') }));
    expect(timeless(readFileSync(join(folder, 'b.html'), 'utf8'))).toBe(timeless(page));
  });
});

test('pictures that were held back are shown with their names, and hostile labels as text', async () => {
  const folder = folderWith();
  const report = join(folder, 'a.html');
  await convertFile(options(join(folder, 'a.onnx'), { report, calibrate: bundled.pictures }));
  const page = readFileSync(report, 'utf8');
  expect(unbalanced(page)).toBeUndefined();
  expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(2);
  expect(page).toMatch(/alt="pictures\/\w+\.svg"/);
  expect(page).toMatch(/&lt;\w+&gt;/);
  expect(page).not.toContain(`<${bundled.labels[0]}>`);
});

test('a model that is refused is not written, its page is', async () => {
  const folder = folderWith();
  const [output, report] = [join(folder, 'a.onnx'), join(folder, 'a.html')];
  const strict = { report, floor: { sqnrDb: 190, agreement: 1 } };
  await expect(convertFile(options(output, strict))).rejects.toThrow(`look at ${report}`);
  expect(existsSync(output)).toBe(false);
  expect(readFileSync(report, 'utf8')).toContain('Below the floor.');
});

test('a page that cannot be written is an error before any work', async () => {
  const folder = folderWith({ file: '' });
  const output = join(folder, 'a.onnx');
  const at = (report: string) => convertFile(options(output, { report }));
  await expect(at(join(folder, 'file', 'a.html'))).rejects.toThrow(/file is a file|could not be written/);
  await expect(at(folder)).rejects.toThrow('it is a folder');
  await expect(at(output)).rejects.toThrow('expected another file');
  expect(existsSync(output)).toBe(false);
});

const VOID = new Set(['meta', 'img', 'br', 'link', 'input', 'hr']);

/** The first tag that has no counterpart, or none. */
function unbalanced(page: string): string | undefined {
  const open: string[] = [];
  const body = page.replace(/<style>[^<]*<\/style>/, '');
  for (const { 0: tag, 1: close, 2: name = '', 3: self, index } of body.matchAll(
    /<(\/?)([a-z][a-z0-9]*)(?:\s+[a-z][a-z\d-]*(?:="[^"<>]*")?)*\s*(\/?)>|<(?!!doctype html>)/gi,
  )) {
    if (name === '') return body.slice(index, index + 80);
    if (close === '/') {
      if (open.pop() !== name) return tag;
    } else if (self !== '/' && !VOID.has(name)) open.push(name);
  }
  return open.at(-1);
}
