import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/onnx/header.ts';
import { decodeMetadata, METADATA_KEYS } from '../../../src/onnx/metadata.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { json, MAIN, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';

const PER_CLASS = 6;
const SIDE = 48;

type Learnt = {
  readonly classes: readonly { readonly label: string; readonly pictures: number }[];
  readonly accuracy: number;
  readonly threshold: { readonly value: number; readonly keeps: number };
  readonly confusion: readonly (readonly number[])[];
  readonly head: { readonly sqnrDb: number; readonly agreement: number };
  readonly cached: number;
  readonly memoryBytes: number;
  readonly grown?: { readonly extended: boolean; readonly others: { readonly before: number; readonly after: number } };
};

/** The bundled model in INT8, the same with three classes learnt, and pictures of classes by their paths in a folder. */
let base: Uint8Array;
let mine: Uint8Array;
const shown: Record<string, Uint8Array> = {};

/** A drawing, turned and lit a little differently each time. */
async function variants(drawing: string, name: string): Promise<void> {
  for (let i = 0; i < PER_CLASS; i++) {
    const picture = sharp(join(PICTURES, `${drawing}.svg`))
      .rotate(6 * i - 15, { background: '#888' })
      .resize(SIDE, SIDE)
      .modulate({ brightness: 0.85 + 0.06 * i });
    shown[`${name}/${i}.png`] = await picture.png().toBuffer();
  }
}

beforeAll(async () => {
  // Features that another test left behind would hide what is computed here.
  process.env['RESEDGE_CACHE'] = 'off';
  await Promise.all(['ship', 'horse', 'frog', 'truck'].map((drawing) => variants(drawing, drawing)));
  const pictures = Object.entries(shown).filter(([name]) => !name.startsWith('truck'));
  const folder = mkdtempSync(join(tmpdir(), 'resedge-learn-'));
  try {
    for (const [name, bytes] of pictures) {
      mkdirSync(join(folder, 'in', dirname(name)), { recursive: true });
      writeFileSync(join(folder, 'in', name), bytes);
    }
    await succeed(['convert', WEIGHTS, '-o', 'base.onnx', '--calibrate', TABLE], { cwd: folder });
    await succeed(learn('--augment', '0'), { cwd: folder });
    base = readFileSync(join(folder, 'base.onnx'));
    mine = readFileSync(join(folder, 'mine.onnx'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A folder with the base model and the pictures of some classes under `in`. */
function lesson(classes: readonly string[], more: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const pictures = Object.entries(shown).filter(([name]) => classes.includes(name.split('/')[0] ?? ''));
  return folderWith({
    'base.onnx': base,
    ...Object.fromEntries(pictures.map(([name, bytes]) => [`in/${name}`, bytes])),
    ...more,
  });
}

const learn = (...more: readonly string[]): readonly string[] => [
  ...['learn', 'in', '--model', 'base.onnx', '-o', 'mine.onnx'],
  ...more,
];

/** A folder with a model of three classes, and more. */
function taught(more: Readonly<Record<string, string | Uint8Array>> = {}): string {
  return folderWith({ 'mine.onnx': mine, ...more });
}

const grow = (label: string, from: string, ...more: readonly string[]): readonly string[] => [
  ...['learn', '--add', label, '--from', from, '--model', 'mine.onnx', '-o', 'grown.onnx'],
  ...more,
];

describe('resedge learn', () => {
  test('teaches classes, says how well, and the model says them itself', async () => {
    const folder = lesson(['frog', 'horse', 'ship']);
    const where = { cwd: folder, env: { RESEDGE_CACHE: join(folder, 'cache') } };
    const first = (await json(learn('--report', 'page.html'), where)) as Learnt;
    expect(first.classes).toEqual(['frog', 'horse', 'ship'].map((label) => ({ label, pictures: PER_CLASS })));
    expect(first.accuracy).toBeGreaterThan(0.9);
    expect(first.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(3 * PER_CLASS);
    expect(first.head.agreement).toBe(1);
    expect(first.head.sqnrDb).toBeGreaterThan(30);
    expect(first.cached).toBe(0);

    const bytes = readFileSync(join(folder, 'mine.onnx'));
    const entries = readMetadata(new Uint8Array(bytes));
    expect(entries.get(METADATA_KEYS.memory)).toHaveLength(first.memoryBytes);
    const { labels, learned, precision } = decodeMetadata(entries);
    expect({ labels, precision }).toEqual({ labels: ['frog', 'horse', 'ship'], precision: 'int8' });
    expect(learned).toMatchObject({ pictures: [6, 6, 6], seed: 0, threshold: first.threshold.value });
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain('What is taken for what');

    const inspected = await json(['inspect', 'mine.onnx'], where);
    expect(inspected).toMatchObject({ grows: true, metadata: { learned } });
    const table = await succeed(['inspect', 'mine.onnx'], where);
    expect(table).toMatch(/ learnt +18 pictures: 6 frog, 6 horse, 6 ship\n +training +SGD, .*, seed 0\n/);
    expect(table).toMatch(
      / threshold +0\.\d{4}: below it "unknown"\n +base +SHA-256 [0-9a-f]{12}\.\.\., grows by learn/,
    );
    expect(await json(['inspect', 'base.onnx'], where)).toMatchObject({ grows: false });

    const again = (await json(learn(), where)) as Learnt;
    expect(again.cached).toBe(3 * PER_CLASS);
    expect(readFileSync(join(folder, 'mine.onnx')).equals(bytes)).toBe(true);

    const { top1 } = (await json(['evaluate', 'in', '--model', 'mine.onnx'], where)) as { top1: number };
    expect(top1).toBe(1);
    const line = await succeed(['classify', 'in/ship/2.png', '--model', 'mine.onnx', '--top', '1', '--json'], where);
    expect(JSON.parse(line)).toMatchObject({ answer: 'ship' });
    const strict = ['classify', 'in/ship/2.png', '--model', 'mine.onnx', '--threshold', '1', '--json'];
    expect(JSON.parse(await succeed(strict, where))).toMatchObject({ answer: 'unknown' });
    // The model's own threshold holds where none is given.
    const surer = bytes
      .toString('latin1')
      .replace(/"threshold":([\d.]+)/, (_, value: string) => `"threshold":${'1'.padEnd(value.length)}`);
    writeFileSync(join(folder, 'surer.onnx'), surer, 'latin1');
    const own = ['classify', 'in/ship/2.png', '--model', 'surer.onnx', '--json'];
    expect(JSON.parse(await succeed(own, where))).toMatchObject({ answer: 'unknown' });
  });

  test('names the pictures that it cannot read, and learns from the others', async () => {
    const folder = lesson(['frog', 'horse'], { 'in/frog/broken.png': 'no picture' });
    const { code, stdout, stderr } = await resedge(learn('--augment', '0'), { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resedge: skipped 1 of 13 pictures: in\/frog\/broken\.png: [^\n]+\n$/);
    expect(stdout).toMatch(/classes +2: frog, horse\n +pictures +12\n/);
  });

  test('keeps the last good head where the loss becomes NaN later', async () => {
    const folder = lesson(['frog', 'horse']);
    const wild = learn('--lr', '1e6', '--weight-decay', '1e6', '--augment', '0');
    const { code, stderr } = await resedge(wild, { cwd: folder });
    const says = 'resedge: the loss became NaN: stopped, the last good head was kept; a lower --lr helps, as 0.01\n';
    expect({ code, stderr }).toEqual({ code: 1, stderr: says });
    const { top1 } = (await json(['evaluate', 'in', '--model', 'mine.onnx'], { cwd: folder })) as { top1: number };
    expect(top1).toBeGreaterThan(0.5);
  });

  test('adds a class from its pictures alone, and says what that cost the others', async () => {
    const own = Object.entries(shown).filter(([name]) => name.startsWith('truck/'));
    const folder = lesson(['frog', 'horse', 'ship'], { 'mine.onnx': mine, ...Object.fromEntries(own) });
    const before = readFileSync(join(folder, 'mine.onnx'));
    const found = (await json(grow('truck', 'truck', '--augment', '1'), { cwd: folder })) as Learnt;
    expect(found.classes.at(-1)).toEqual({ label: 'truck', pictures: PER_CLASS });
    expect(found.grown).toMatchObject({ extended: false });
    expect(found.grown?.others.after).toBeGreaterThan(0.8);
    expect(readFileSync(join(folder, 'mine.onnx')).equals(before)).toBe(true);
    const answers = await succeed(['classify', 'truck', 'in', '--model', 'grown.onnx', '--threshold', '0', '--json'], {
      cwd: folder,
    });
    const right = answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { image: string; answer: string })
      .filter(({ image, answer }) => image.split('/').includes(answer));
    expect(right.length).toBeGreaterThanOrEqual(4 * PER_CLASS - 2);
  });

  test('adds a class from a camera, and extends it', async () => {
    const folder = taught();
    const camera = ['--count', '5', '--every', '0', '--augment', '0'];
    const added = (await json(grow('disc', 'test', ...camera), { cwd: folder })) as Learnt;
    expect(added.classes.at(-1)).toEqual({ label: 'disc', pictures: 5 });
    const more = ['learn', '--add', 'disc', '--from', 'test', '--model', 'grown.onnx', '-o', 'more.onnx', ...camera];
    const extended = (await json(more, { cwd: folder })) as Learnt;
    expect(extended.grown?.extended).toBe(true);
    expect(extended.classes).toHaveLength(4);
    expect(extended.classes.at(-1)).toEqual({ label: 'disc', pictures: 10 });
  });

  test('learns what a camera showed before it ended', async () => {
    const folder = taught();
    const raw = ['--size', '64x48', '--format', 'rgb24', '--count', '5', '--every', '0', '--augment', '0'];
    const child = spawn(process.execPath, [MAIN, ...grow('noise', '-', ...raw)], { cwd: folder });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data));
    const ended = new Promise((resolve) => child.on('close', resolve));
    for (let i = 0; i < 3; i++) {
      child.stdin.write(new Uint8Array(64 * 48 * 3).map((_, at) => (at * 7919 * (i + 1)) % 251));
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    child.stdin.end();
    expect(await ended).toBe(1);
    expect(text.stderr).toMatch(/^resedge: -: expected 5 pictures, it ended after [23]; those are learnt\n$/);
    expect(text.stdout).toMatch(/added +noise, [23] pictures/);
  });
});

describe('resedge learn refuses', () => {
  const small = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, shown['frog/0.png'] as Uint8Array]));

  test.each([
    [
      'one class',
      ['in/cup/1.png', 'in/cup/2.png'],
      /^resedge: in: expected at least two classes .*, found one: cup\n$/,
    ],
    [
      'a class with one picture',
      ['in/cup/1.png', 'in/cup/2.png', 'in/pen/1.png'],
      /^resedge: in\/pen: expected at least 2 pictures of every class, found 1\n$/,
    ],
    [
      'labels that differ only in case',
      ['in/cup/1.png', 'in/cup/2.png', 'in/Cup/1.png', 'in/Cup/2.png'],
      /^resedge: in: expected class names that differ by more than case.*found Cup and cup/,
    ],
  ])('%s', async (_, names, says) => {
    await refuse(learn(), { code: 1, says, folder: folderWith({ 'base.onnx': base, ...small(names) }) });
  });

  test('a loss that becomes NaN in the first epoch, and says what to try', async () => {
    await refuse(learn('--lr', '1e6', '--weight-decay', '1e6', '--batch', '2', '--augment', '0'), {
      code: 1,
      says: /expected a finite loss, it became NaN in the first epoch: no model was written; give a lower --lr, as 0\.01\n$/,
      folder: lesson(['frog', 'horse']),
    });
  });

  test('a model that learn did not make, to add to', async () => {
    const folder = lesson([], { 'mine.onnx': base, ...small(['cup/1.png', 'cup/2.png']) });
    const says =
      /^resedge: mine\.onnx: expected a model of resedge learn that remembers its classes, found one of another/;
    await refuse(grow('cup', 'cup'), { code: 1, says, folder });
  });

  test('a class whose name another one has but for its case, and one of a single picture', async () => {
    const folder = taught(small(['cup/1.png']));
    await refuse(grow('FROG', 'cup'), {
      code: 1,
      says: /^resedge: --add FROG: expected a name that differs from frog by more than case/,
      folder,
    });
    await refuse(grow('cup', 'cup'), {
      code: 1,
      says: /^resedge: cup: expected at least 2 pictures of cup, found: 1; no model was written\n$/,
      folder,
    });
    const bytes = readFileSync(join(folder, 'mine.onnx'), 'latin1');
    writeFileSync(join(folder, 'mine.onnx'), bytes.replace('"counts":[6', '"counts":[7'), 'latin1');
    await refuse(grow('cup', 'cup'), {
      code: 1,
      says: /memory, found damaged ones: learn the classes again\n$/,
      folder,
    });
  });

  test.each([
    [['learn', '--model', 'base.onnx', '-o', 'x.onnx'], /expected a folder of class folders, or --add/],
    [learn('--add', 'cup', '--from', 'cup'), /expected either a folder of class folders or --add/],
    [learn('--count', '5'), /--count: expected it with --add <class> --from <video or camera>, received a folder/],
    [
      ['learn', '--add', 'cup', '--model', 'base.onnx', '-o', 'x.onnx'],
      /--add: expected --from <folder, video or camera>/,
    ],
    [['learn', 'in', '--model', 'base.onnx', '-o', 'base.onnx'], /base\.onnx: expected another file to write to/],
  ])('%s', async (args, says) => {
    await refuse(args, { code: 2, says, folder: lesson(['frog', 'horse']) });
  });
});
