import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/onnx/header.ts';
import { decodeMetadata } from '../../../src/onnx/metadata.ts';
import { seededFile } from '../../unit/converter/networks.ts';
import { folderWith } from '../../unit/node/folder.ts';
import { file, serve, status } from '../../unit/node/hub/server.ts';
import { CLASSES, json, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../node/resedge.ts';

const PER_CLASS = 5;
const SIDE = 40;
/** A network that is quickly converted, and knows nothing. */
const SMALL = seededFile({ depths: [1, 1], inner: 8 });

type Tuned = {
  readonly accuracy: number;
  readonly judged: number;
  readonly recipe: string;
  readonly tuned: Readonly<Record<string, unknown>>;
  readonly head: { readonly sqnrDb: number };
};

/** Pictures of classes by their paths in a folder: drawings, turned and lit a little differently each time. */
const shown: Record<string, Uint8Array> = {};

beforeAll(async () => {
  const drawn = CLASSES.flatMap((name) => Array.from({ length: PER_CLASS }, (_, i) => ({ name, i })));
  await Promise.all(
    drawn.map(async ({ name, i }) => {
      const picture = sharp(join(PICTURES, `${name}.svg`))
        .rotate(6 * i - 12, { background: '#888' })
        .resize(SIDE, SIDE)
        .modulate({ brightness: 0.85 + 0.06 * i });
      shown[`in/${name}/${i}.png`] = await picture.png().toBuffer();
    }),
  );
});

/** A folder with the pictures of some classes under `in`, by default all there are. */
function lesson(
  classes: readonly string[],
  more: Readonly<Record<string, string | Uint8Array>> = {},
  perClass = PER_CLASS,
): string {
  const pictures = Object.entries(shown).filter(([path]) => {
    const [, name = '', file = ''] = path.split('/');
    return classes.includes(name) && Number.parseInt(file, 10) < perClass;
  });
  return folderWith({ 'labels.txt': CLASSES.join('\n'), ...Object.fromEntries(pictures), ...more });
}

const tune = (...more: readonly string[]): readonly string[] => [
  ...['learn', 'in', '--model', WEIGHTS, '-o', 'mine.onnx', '--epochs', '2', '--batch', '8', '--threads', '1'],
  ...more,
];

const aware = (...more: readonly string[]): readonly string[] => [
  ...['convert', WEIGHTS, '-o', 'mine.onnx', '--calibrate', TABLE, '--labels', 'labels.txt'],
  ...['--quantize-aware', 'in', '--epochs', '1', ...more],
];

function metadataOf(folder: string) {
  return decodeMetadata(readMetadata(new Uint8Array(readFileSync(join(folder, 'mine.onnx')))));
}

describe('learn --tune', () => {
  test('tunes the last stage for new classes, and the model classifies and grows', async () => {
    const folder = lesson(['frog', 'horse', 'ship']);
    const where = { cwd: folder };
    const found = (await json(tune('--tune', 'last-stage', '--report', 'page.html'), where)) as Tuned;
    expect(found.accuracy).toBe(1);
    expect(found.judged).toBe(3);
    // The third stage of torchvision's names, and a head of three classes on 64 features.
    const stage = 32 * 64 * 9 + 64 * 64 * 9 * 5 + 32 * 64 + 7 * 2 * 64;
    expect(found.tuned).toMatchObject({
      depth: 'last-stage',
      head: 'new',
      parameters: stage + 3 * 65,
      batch: 8,
      of: 2,
    });
    expect(found.tuned).toMatchObject({ microBatch: 8, judged: 3 });
    expect(found.head.sqnrDb).toBeGreaterThan(20);
    const { labels, learned, precision, scheme, source } = metadataOf(folder);
    expect({ labels, precision, scheme }).toEqual({
      ...{ labels: ['frog', 'horse', 'ship'], precision: 'int8', scheme: 'u8s8-safe' },
    });
    expect(source.file).toBe('resnet20-cifar10.safetensors');
    expect(learned).toMatchObject({ base: source.sha256, pictures: [5, 5, 5], accuracy: 1, recipe: found.recipe });
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    expect(page).toContain('the last stage tuned');
    expect(page).toContain('<dt>Stored network</dt>');
    expect(page).not.toMatch(/the head alone is new|<dt>Head<\/dt>/);
    const { top1 } = (await json(['evaluate', 'in', '--model', 'mine.onnx'], where)) as { top1: number };
    expect(top1).toBe(1);
    const more = lesson(['truck'], { 'mine.onnx': readFileSync(join(folder, 'mine.onnx')) });
    const grow = ['learn', '--add', 'truck', '--from', 'in/truck', '--model', 'mine.onnx', '-o', 'grown.onnx'];
    expect(await json(grow, { cwd: more })).toMatchObject({ grown: { label: 'truck', pictures: 5 } });
    const says = /mine\.onnx: expected a network in float .* give the weights .* \(resnet20-cifar10\.safetensors\)\n$/;
    await refuse([...grow.slice(0, 1), 'in', '--tune', 'all', ...grow.slice(5)], { code: 1, says, folder: more });
  });

  test('keeps the head of a network whose own classes these are, in parts where memory is short, rounded as INT8', async () => {
    const folder = lesson(CLASSES, { 'small.safetensors': SMALL }, 2);
    const where = { cwd: folder };
    const float = ['convert', 'small.safetensors', '-o', 'float.onnx', '--precision', 'fp32', '--labels', 'labels.txt'];
    await succeed(float, where);
    const more = ['--model', 'float.onnx', '--memory', '1', '--scheme', 'u8s4', '--quantize-aware'];
    const found = (await json(tune('--tune', 'all', ...more), where)) as Tuned;
    expect(found.tuned).toMatchObject({ depth: 'all', head: 'kept', batch: 8, microBatch: 1, judged: CLASSES.length });
    const quantizeAware = { epochs: 2, pictures: CLASSES.length };
    expect(found.tuned).toMatchObject({ quantizeAware });
    expect(metadataOf(folder)).toMatchObject({ labels: CLASSES, scheme: 'u8s4', quantizeAware });
  });

  test("takes a network of a hub by its name, and the hub's folder", async () => {
    const sha256 = createHash('sha256').update(SMALL).digest('hex');
    const siblings = [{ rfilename: 'model.safetensors', lfs: { sha256, size: SMALL.length } }];
    const { url } = await serve((response, request) => {
      if (request.url?.startsWith('/api/')) response.end(JSON.stringify({ sha: 'a'.repeat(40), siblings }));
      else if (request.url?.endsWith('model.safetensors')) file(SMALL)(response, request);
      else status(404)(response, request);
    });
    const folder = lesson(['frog', 'ship'], { 'tiny/model.safetensors': SMALL });
    const env = { HF_ENDPOINT: url, RESEDGE_CACHE: folderWith(), NO_PROXY: '127.0.0.1' };
    for (const model of ['hf:acme/tiny', 'tiny']) {
      const found = (await json(tune('--tune', 'last-stage', '--model', model), { cwd: folder, env })) as Tuned;
      expect(found.tuned).toMatchObject({ depth: 'last-stage', head: 'new' });
      expect(metadataOf(folder)).toMatchObject({
        labels: ['frog', 'ship'],
        source: { file: 'model.safetensors', sha256 },
      });
    }
    const alone = ['learn', 'in', '--model', 'tiny', '-o', 'x.onnx', '--offline'];
    await refuse(alone, { code: 2, says: /--offline belongs to --tune last-stage or --tune all\n$/, folder });
  });

  test('a loss that becomes NaN leaves the network as it was; pictures that cannot be read are named', async () => {
    const broken = { 'small.safetensors': SMALL, 'in/frog/broken.png': 'no picture' };
    const folder = lesson(['frog', 'ship'], broken);
    const options = ['--tune', 'all', '--lr', '1000000', '--model', 'small.safetensors', '--json'];
    const { code, stderr, stdout } = await resedge(tune(...options), { cwd: folder });
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        /^resedge: the loss became NaN in step \d of epoch \d: stopped, .*; a lower --lr helps, as 300000$/,
      ),
      expect.stringMatching(/^resedge: skipped 1 of 11 pictures: in\/frog\/broken\.png: /),
      '',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ skipped: 1, tuned: { epochs: 0 } });
    expect(metadataOf(folder).learned).toMatchObject({ pictures: [5, 5] });
  });

  test.each([
    [['frog'], /in: expected at least two classes to tell apart, found one: frog\n$/],
    [[], /in: expected a folder of class folders, no such file or folder\n$/],
  ])('refuses the classes %j', async (classes, says) => {
    await refuse(tune('--tune', 'all'), { code: 1, says, folder: lesson(classes) });
  });
});

describe('convert --quantize-aware', () => {
  test('learns on the scales of the scheme, says so, and the model classifies', async () => {
    const folder = lesson(['frog', 'ship']);
    const where = { cwd: folder };
    const found = (await json(aware('--scheme', 'u8s4', '--lr', '0.001', '--seed', '3'), where)) as {
      readonly quantizeAware: { readonly records: readonly unknown[]; readonly right: readonly number[] };
    };
    const how = { epochs: 1, pictures: 2 * PER_CLASS, learningRate: 0.001, seed: 3 };
    expect(found.quantizeAware).toMatchObject(how);
    expect(found.quantizeAware.records).toHaveLength(1);
    expect(metadataOf(folder)).toMatchObject({ scheme: 'u8s4', quantizeAware: how });
    const line = await succeed(['classify', 'in/ship/2.png', '--model', 'mine.onnx', '--json'], where);
    expect(JSON.parse(line)).toMatchObject({ answer: 'ship' });
  });

  test('what makes it worse is left out, with a lower rate named', async () => {
    const folder = lesson(CLASSES, { 'in/cat/broken.png': 'no picture' }, 2);
    const { code, stderr, stdout } = await resedge(aware('--lr', '100', '--json'), { cwd: folder });
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^resedge: in: learning on made it worse: the weights stay as they were; .* as 30$/),
      expect.stringMatching(/^resedge: skipped 1 of 21 pictures: in\/cat\/broken\.png: /),
      '',
    ]);
    expect(JSON.parse(stdout)).not.toHaveProperty('quantizeAware');
    expect(metadataOf(folder)).not.toHaveProperty('quantizeAware');
  });

  test("refuses folders that are none of the network's classes", async () => {
    const folder = lesson(['frog'], { 'in/cup/0.png': shown['in/ship/0.png']! });
    await refuse(aware(), { code: 1, says: /in\/cup: expected a folder named for a class by label/, folder });
  });
});
