import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { bundledModels } from './models.ts';
import { CLASSES, json, MAIN, PICTURES, ROOT, resedge, runProgram, succeed, WEIGHTS } from './resedge.ts';

const models = bundledModels();
const cat = join(PICTURES, 'cat.svg');
const number = expect.any(Number);
const text = expect.any(String);

describe('classify', () => {
  test('--json, a line for each picture', async () => {
    const stdout = await succeed(['classify', PICTURES, '--model', models.int8, '--json']);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map(({ image }) => image)).toEqual(CLASSES.map((name) => join(PICTURES, `${name}.svg`)));
    expect(answers.map(({ top }) => top[0].label)).toEqual(CLASSES);
    for (const answer of answers) {
      expect(answer).toEqual({
        image: text,
        answer: answer.top[0].label,
        top: Array.from({ length: 5 }, () => ({ label: text, index: number, probability: number })),
        ms: { decode: number, prepare: number, infer: number },
        provider: 'cpu',
      });
      const probabilities: readonly number[] = answer.top.map((guess: { probability: number }) => guess.probability);
      expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      expect(answer.top.every(({ label, index }: { label: string; index: number }) => CLASSES[index] === label)).toBe(
        true,
      );
    }
  });

  test('all classes together are certain', async () => {
    const { top } = (await json(['classify', cat, '--model', models.fp32, '--top', '100'])) as {
      top: readonly { probability: number }[];
    };
    expect(top).toHaveLength(10);
    expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
  });

  test('below the threshold the answer is "unknown"', async () => {
    const classify = ['classify', cat, '--model', models.int8, '--top', '1'];
    expect(await json([...classify, '--threshold', '0.5'])).toMatchObject({ answer: 'cat' });
    expect(await json([...classify, '--threshold', '1'])).toMatchObject({ answer: 'unknown', top: [{ label: 'cat' }] });
    expect(await succeed([...classify, '--threshold', '1'])).toContain('cat.svg: unknown\n');
  });

  test('says it to people', async () => {
    const stdout = await succeed(['classify', cat, cat, '--model', models.int8, '--top', '2']);
    expect(stdout).toMatch(
      /^\S+cat\.svg\n {2}cat +0\.9\d+ {2}█+.\n {2}\w+ +0\.0\d+.*\n {2}decode .* infer .* on cpu\n$/u,
    );
  });
});

describe('evaluate', () => {
  const folders = (): string =>
    folderWith(
      Object.fromEntries(
        CLASSES.flatMap((name) =>
          [1, 2].map((i) => [`${name}/${i}.svg`, readFileSync(join(PICTURES, `${name}.svg`))] as const),
        ),
      ),
    );

  test('--json', async () => {
    expect(await json(['evaluate', folders(), '--model', models.int8])).toEqual({
      ...{ model: models.int8, images: 20, skipped: 0, top1: 1, top5: 1 },
      ms: { p50: number, p90: number, p99: number },
      provider: 'cpu',
    });
  });

  test('--json, with a reference', async () => {
    const result = await json(['evaluate', folders(), '--model', models.int8, '--reference', models.fp32]);
    expect(result).toMatchObject({ images: 20, top1: 1, agreement: 1, sqnrDb: number });
    expect((result as { sqnrDb: number }).sqnrDb).toBeGreaterThan(20);
    const same = await json(['evaluate', folders(), '--model', models.fp32, '--reference', models.fp32]);
    expect(same).toMatchObject({ agreement: 1, sqnrDb: 200 });
  });

  test('--limit takes the same number of every class', async () => {
    const args = ['evaluate', folders(), '--model', models.int8, '--limit'];
    expect(await json([...args, '19'])).toMatchObject({ images: 10, top1: 1 });
    expect(await json([...args, '20'])).toMatchObject({ images: 20, top1: 1 });
  });

  test('says it to people', async () => {
    const stdout = await succeed(['evaluate', folders(), '--model', models.int8, '--reference', models.fp32]);
    expect(stdout).toMatch(/top-1 +100\.00 %/);
    expect(stdout).toMatch(/agreement +100\.00 %/);
    expect(stdout).toMatch(/SQNR +\d+\.\d dB\n/);
    const same = await succeed(['evaluate', folders(), '--model', models.int8, '--reference', models.int8]);
    expect(same).toMatch(/SQNR +equal logits\n/);
  });
});

describe('bench', () => {
  test('--json', async () => {
    expect(await json(['bench', '--model', models.int8, '--threads', '1', '--runs', '3'])).toEqual({
      ...{ model: models.int8, provider: 'cpu', threads: 1, runs: 3 },
      ms: { min: number, p50: number, p90: number, p99: number },
      ...{ loadMs: number, peakRssMb: number, nodes: { cpu: number } },
    });
  });

  test('says it to people', async () => {
    expect(await succeed(['bench', '--model', models.int8, '--runs', '3'])).toMatch(
      /inference +[\d.]+ ms \(min .* 3 runs/,
    );
  });
});

describe('inspect', () => {
  test('weights', async () => {
    expect(await json(['inspect', WEIGHTS])).toMatchObject({
      ...{
        kind: 'weights',
        format: 'safetensors',
        arch: 'resnet20',
        parameters: 272_474,
        dtypes: expect.arrayContaining(['F32']),
      },
    });
    expect(await succeed(['inspect', WEIGHTS])).toMatch(/network +resnet20: /);
  });

  test('a model of ours and one of others', async () => {
    const foreign = join(ROOT, 'test/golden/runtime/float-conv.onnx');
    expect(await json(['inspect', models.int8])).toMatchObject({
      ...{ kind: 'model', opset: 17, metadata: { labels: CLASSES, output: 'logits', scheme: 'u8s8-safe' } },
    });
    expect(await json(['inspect', foreign])).toMatchObject({ metadata: null, foreign: text });
    expect(await succeed(['inspect', models.int8])).toMatch(/classes +10: airplane, automobile, bird, cat, \.\.\./);
    expect(await succeed(['inspect', foreign])).toContain('without the metadata');
  });
});

describe('devices', () => {
  test('list --json', async () => {
    const list = (await json(['devices', 'list'])) as readonly { id: string }[];
    const scheme = expect.stringMatching(/^u8s8|u8s8-safe|s8s8|u16s8$/);
    for (const profile of list) {
      const own = { id: text, name: text, scheme, precision: expect.stringMatching(/^int8|fp16|fp32$/) };
      expect(profile).toEqual({ ...own, providers: expect.arrayContaining([text]), verified: expect.anything() });
    }
    expect(list.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['generic-x64', 'x64-vnni', 'generic-arm64', 'raspberry-pi-4', 'raspberry-pi-5']),
    );
    expect(await json(['devices'])).toEqual(list);
  });

  test('detect --json', async () => {
    expect(await json(['devices', 'detect'])).toMatchObject({
      profile: text,
      why: expect.arrayContaining([text]),
      cpu: { model: text, features: expect.any(Array), cores: number },
      memoryMb: number,
      providers: expect.arrayContaining([{ name: 'cpu', available: true, reason: text }]),
    });
  });

  test('show', async () => {
    expect(await json(['devices', 'show', 'raspberry-pi-4'])).toMatchObject({ id: 'raspberry-pi-4', scheme: 'u8s8' });
    const own = { id: 'my-board', name: 'Mine', extends: 'raspberry-pi-4', threads: 2, detect: {} };
    const verified = { how: 'not run', what: 'nothing', where: 'nowhere' };
    const cwd = folderWith({ 'mine.json': JSON.stringify({ ...own, verified }), 'bad.json': '{"id":"x"}' });
    expect(await json(['devices', 'show', 'mine.json'], { cwd })).toMatchObject({ id: 'my-board', threads: 2 });
    expect(await resedge(['devices', 'show', 'bad.json'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^resedge: bad\.json: expected providers in it or [^\n]*\n$/),
    });
  });

  test('say it to people', async () => {
    const [list, detected] = await Promise.all([succeed(['devices']), succeed(['devices', 'detect'])]);
    expect(list).toMatch(/^ {2}raspberry-pi-5 +Raspberry Pi 5/m);
    expect(detected).toMatch(/^ {2}profile +/);
  });
});

test('a reader that goes away ends the work without a word', async () => {
  // The exit code is the command's, not that of the reader.
  const script = 'set -o pipefail; "$@" | head -n 1; echo $?';
  const args = ['-c', script, 'bash', process.execPath, MAIN, 'classify', PICTURES, '--model', models.int8];
  expect(await runProgram('bash', args)).toEqual({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/airplane.*\n0\n/),
  });
});

test('classify loads neither the converter nor what checks device profiles', async () => {
  const hooks = `export async function load(url, context, next) {
    process._rawDebug(url);
    return next(url, context);
  }`;
  const register = `import { register } from 'node:module';
    register('data:text/javascript,${encodeURIComponent(hooks)}');`;
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(register)}`,
    MAIN,
    'classify',
    cat,
    '--model',
    models.int8,
  ];
  const { code, stderr } = await runProgram(process.execPath, args);
  expect(code).toBe(0);
  expect(stderr).toContain('/dist/src/node/model/classify.js');
  // The names of corrections and targets are among the options of convert, the usual recipe among those of learn.
  expect(stderr).not.toMatch(
    /node_modules\/zod\/|\/dist\/converter\/(?!(quantize\/recipe|targets\/names|train\/head-recipe)\.js\n)/,
  );
});
