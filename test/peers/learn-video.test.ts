import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { gatherExamples } from '../../src/node/learn/gather-examples.ts';
import { json, PICTURES, refuse, resedge, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { raw } from '../unit/converter/conversions.ts';
import { folderWith } from '../unit/node/folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-learn-video-'));
const path = process.env['PATH'];
/** A scene in front of a camera that is carried around for three seconds, and one whose frames are the brighter the later they come. */
const clip = join(folder, 'clip.mp4');
const dawn = join(folder, 'dawn.avi');
const FRAMES = 100;
const DAWN = `nullsrc=size=64x48:rate=25,geq=lum='16+2*N':cb=128:cr=128`;

const ffmpeg = (...args: readonly string[]): void =>
  void execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);

beforeAll(async () => {
  for (const drawing of ['frog', 'ship']) {
    mkdirSync(join(folder, 'in', drawing), { recursive: true });
    for (let i = 0; i < 6; i++) {
      const picture = sharp(join(PICTURES, `${drawing}.svg`)).resize(48, 48);
      await picture.modulate({ brightness: 0.8 + 0.08 * i }).toFile(join(folder, 'in', drawing, `${i}.png`));
    }
  }
  await sharp(join(PICTURES, 'truck.svg')).resize(400, 320).toFile(join(folder, 'truck.png'));
  const carried = 'crop=320:240:x=t*20:y=40+10*sin(3*t)';
  ffmpeg(...['-loop', '1', '-i', join(folder, 'truck.png'), '-t', '3', '-vf', carried, '-c:v', 'mpeg4', clip]);
  ffmpeg(...['-f', 'lavfi', '-i', DAWN, '-frames:v', `${FRAMES}`, '-c:v', 'mjpeg', '-q:v', '2', dawn]);
  const where = { cwd: folder };
  await succeed(['convert', WEIGHTS, '-o', 'base.onnx', '--calibrate', TABLE], where);
  await succeed(['learn', 'in', '--model', 'base.onnx', '-o', 'mine.onnx'], where);
});
afterEach(() => {
  process.env['PATH'] = path;
});
afterAll(() => rmSync(folder, { recursive: true }));

const grow = (from: string, output: string, ...more: readonly string[]): readonly string[] => [
  ...['learn', '--add', 'truck', '--from', resolve(folder, from), '--model', join(folder, 'mine.onnx'), '-o', output],
  ...more,
];

test('a class is added from a video, the same to the byte each time, and its frames are known', async () => {
  const where = { cwd: folderWith() };
  const found = await json(grow('clip.mp4', 'a.onnx'), where);
  expect(found).toMatchObject({ grown: { label: 'truck', extended: false, pictures: 10 } });
  await succeed(grow('clip.mp4', 'b.onnx'), where);
  expect(readFileSync(join(where.cwd, 'a.onnx')).equals(readFileSync(join(where.cwd, 'b.onnx')))).toBe(true);
  ffmpeg('-ss', '1.5', '-i', clip, '-frames:v', '1', join(where.cwd, 'frame.png'));
  const shown = await succeed(['classify', 'frame.png', '--model', 'a.onnx', '--threshold', '0', '--json'], where);
  expect(JSON.parse(shown)).toMatchObject({ answer: 'truck' });
});

test.each(['ffmpeg', 'gst-launch-1.0'])('%s gives frames that lie all over a video', async (program) => {
  const only = folderWith();
  symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(only, program));
  process.env['PATH'] = only;
  const count = 10;
  const { examples, shortfall } = await gatherExamples(
    { from: dawn, count, onNotice: (line) => expect.unreachable(line) },
    raw(32),
    3,
  );
  expect(shortfall).toBeUndefined();
  expect(examples.map(({ index }) => index)).toEqual(Array(count).fill(3));
  const frames = examples.map(({ name }) => Number(/ frame (\d+)$/.exec(name)?.[1]));
  const gaps = frames.map((frame, i) => frame - (frames[i - 1] ?? -1));
  expect(Math.min(...gaps)).toBeGreaterThan(0);
  expect(Math.max(...gaps, FRAMES - frames.at(-1)!)).toBeLessThanOrEqual((2 * FRAMES) / count);
  const greys = await Promise.all(examples.map(async (example) => (await example.open().pixels()).data[0]!));
  for (const [i, grey] of greys.entries()) expect(Math.abs(grey - (2 * frames[i]! * 255) / 219)).toBeLessThan(5);
});

test('a video of fewer frames is learnt as far as it goes, and one that is damaged further on', async () => {
  const cwd = folderWith();
  ffmpeg('-i', clip, '-frames:v', '4', join(cwd, 'short.mp4'));
  expect(await resedge(grow(join(cwd, 'short.mp4'), 'x.onnx'), { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^resedge: .*short\.mp4: expected 10 pictures, it ended after 4; those are learnt\n$/,
    ),
    stdout: expect.stringMatching(/added +truck, 4 pictures\n/),
  });
  const bytes = readFileSync(dawn);
  writeFileSync(join(cwd, 'cut.avi'), bytes.subarray(0, bytes.length / 2));
  const cut = await resedge(grow(join(cwd, 'cut.avi'), 'y.onnx'), { cwd });
  expect(cut.stdout).toMatch(/added +truck, 10 pictures\n/);
});

test('what is no video, or shows too little, is refused in one line', async () => {
  const cwd = folderWith({ 'text.mp4': 'no video' });
  const from = (name: string, ...more: readonly string[]) => grow(join(cwd, name), 'x.onnx', ...more);
  ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', join(cwd, 'sound.wav'));
  await refuse(from('text.mp4'), { code: 1, says: /text\.mp4: expected frames, it is no video that can/, folder: cwd });
  await refuse(from('sound.wav'), { code: 1, says: /sound\.wav: expected frames, it holds sound alone/, folder: cwd });
  const raws = from('text.mp4', '--format', 'rgb24');
  await refuse(raws, { code: 2, says: /text\.mp4 brings its own: leave it out\n$/, folder: cwd });
});

test('frames at a distance that is asked for are those of a camera', async () => {
  const where = { cwd: folderWith() };
  const found = await json(grow('clip.mp4', 'a.onnx', '--count', '3', '--every', '300'), where);
  expect(found).toMatchObject({ grown: { pictures: 3 } });
});
