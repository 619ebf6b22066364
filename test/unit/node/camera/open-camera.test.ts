import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CameraOptions, openCamera } from '../../../../src/node/camera/open-camera.ts';
import type { Frame, FrameSource } from '../../../../src/pipeline/types.ts';
import { folderWith } from '../folder.ts';
import { onlyPrograms } from './programs.ts';

async function open(source: string, options: CameraOptions = {}): Promise<FrameSource> {
  const opened = await openCamera(source, options);
  onTestFinished(() => opened.close());
  return opened;
}

async function frames(source: FrameSource, count = Number.POSITIVE_INFINITY): Promise<Frame[]> {
  const list: Frame[] = [];
  while (list.length < count) {
    const frame = await source.next();
    if (frame === undefined) break;
    list.push({ ...frame, data: frame.data.slice() });
  }
  return list;
}

describe('a program that captures', () => {
  test('is started with the right arguments, and its last frame is handed out', async () => {
    const folder = onlyPrograms({ ffmpeg: 'ffmpeg' });
    const source = await open('rtsp://user:pw@host/5/hang', { size: { width: 4, height: 2 } });
    const list: Frame[] = [];
    while (list.at(-1)?.index !== 4) list.push(...(await frames(source, 1)));
    expect(list.at(-1)).toMatchObject({ format: 'yuv420p', width: 4, height: 2, stride: 4, range: 'limited' });
    expect(list.at(-1)!.data).toEqual(new Uint8Array(12).fill(1));
    expect(performance.now() - list.at(-1)!.arrivedMs).toBeLessThan(10_000);
    expect(source.counts().captured).toBe(5);
    expect(readFileSync(join(folder, 'ffmpeg.mjs.starts'), 'utf8')).toContain(
      '-rtsp_transport tcp -i rtsp://user:pw@host/5/hang -map 0:v:0 -vf scale=w=4:h=2:out_color_matrix=bt601:out_range=limited -fps_mode passthrough',
    );
  });

  test.each([
    ['is ended', 'killed', /was ended by SIGKILL/],
    ['is taken away', 'busy', /another program has it/],
    ['stands still and will not end', 'deaf', /it sent nothing for 0 s/],
  ])('is started again when it %s, frames counting on', async (_, then, why) => {
    onlyPrograms({ ffmpeg: 'ffmpeg' });
    const said: string[] = [];
    const source = await open(`rtsp://host/3/${then}`, { stallMs: 200, notify: (message) => said.push(message) });
    const starts = new Set<number>();
    let last = -1;
    while (!starts.has(2)) {
      const [frame] = await frames(source, 1);
      starts.add(frame!.data[0]!);
      expect(frame!.index).toBeGreaterThan(last);
      last = frame!.index;
    }
    expect([...starts]).toEqual([1, 2]);
    expect(source.counts().reconnects).toBe(1);
    expect(said[0]).toMatch(why);
    expect(said[0]).toMatch(/^rtsp:\/\/host\/3\/\w+: lost, .*; trying again in 0.25 s$/);
    expect(said).toContain(`rtsp://host/3/${then}: back`);
  });

  test('that never gives a frame is an error in one line, without the password', async () => {
    onlyPrograms({ ffmpeg: 'ffmpeg' });
    const busy = await open('rtsp://user:hunter22@host/0/busy');
    await expect(busy.next()).rejects.toThrow(
      'rtsp://***@host/0/busy: expected frames, another program has it: close that one',
    );
    const odd = await open('rtsp://user:hunter22@host/0/odd');
    await expect(odd.next()).rejects.toThrow(
      'rtsp://***@host/0/odd: expected frames, ffmpeg ended with code 3: cannot read rtsp://***@host/0/odd',
    );
  });

  test('ends at once when the source is closed, even one that will not, and who waits gets nothing', async () => {
    onlyPrograms({ ffmpeg: 'ffmpeg' });
    const source = await open('rtsp://host/1/deaf');
    await frames(source, 1);
    const waiting = source.next();
    await source.close();
    expect(await waiting).toBeUndefined();
    expect(await source.next()).toBeUndefined();
  });

  test('reads a video to its end, which is no error', async () => {
    onlyPrograms({ ffmpeg: 'ffmpeg' });
    const folder = folderWith({ '2/well': 'a video' });
    const source = await open(join(folder, '2/well'));
    expect((await frames(source)).at(-1)).toMatchObject({ index: 1 });
    const broken = folderWith({ '2/odd': 'a video' });
    const second = await open(join(broken, '2/odd'));
    await expect(frames(second)).rejects.toThrow(/cannot read file:.*after 2 frames/);
  });
});

test('rows of rpicam-vid are padded to 64 pixels, its colours of full range', async () => {
  onlyPrograms({ 'rpicam-vid': 'rpicam-vid' });
  const source = await open('rpicam', { size: { width: 100, height: 6 } });
  let frame: Frame | undefined;
  while (frame?.index !== 2) [frame] = await frames(source, 1);
  expect(frame).toMatchObject({ format: 'yuv420p', width: 100, height: 6, stride: 128, range: 'full' });
  expect(frame.data).toHaveLength(128 * 9);
  expect([frame.data[99], frame.data[100], frame.data[128 * 6 + 49], frame.data[128 * 6 + 50]]).toEqual([
    102, 99, 128, 99,
  ]);
});

describe('what is missing', () => {
  test.each([
    ['gst: ', /^expected a GStreamer pipeline, as gst:v4l2src .*, received an empty one$/],
    ["gst:rtspsrc user-pw='hunter22 ! jpegdec", /, received a line where a quote ' is not closed$/],
  ])('%s is no pipeline', async (source, says) => {
    await expect(open(source)).rejects.toThrow(says);
  });

  test('programs are named with the command that installs them', async () => {
    onlyPrograms({});
    const path = join(folderWith({ 'a.mp4': '' }), 'a.mp4');
    await expect(open(path)).rejects.toThrow(
      /expected ffmpeg or gst-launch-1.0, not installed: sudo apt install ffmpeg$/,
    );
    await expect(open('rpicam')).rejects.toThrow(
      /expected rpicam-vid or libcamera-vid, not installed: sudo apt install rpicam-apps/,
    );
    await expect(open('argus')).rejects.toThrow(
      /expected gst-launch-1.0, not installed: sudo apt install gstreamer1.0-tools/,
    );
  });

  test('a program that waits for a stream', async () => {
    onlyPrograms({ 'gst-launch-1.0': 'rpicam-vid' });
    await expect(open('rtsp://host/1', { listen: true })).rejects.toThrow(/expected ffmpeg, not installed/);
  });

  test('a program that is too old', async () => {
    onlyPrograms({ ffmpeg: 'old' });
    await expect(open('http://host/1/hang')).rejects.toThrow(
      /expected ffmpeg 4.1 or later, .* is 3.4: sudo apt install ffmpeg/,
    );
  });

  test('cameras and files', async () => {
    await expect(open('/dev/video93')).rejects.toThrow(/^\/dev\/video93: expected a camera, .*plug it in/);
    await expect(open('nothing.mp4')).rejects.toThrow(/^nothing.mp4: no such file or folder; expected auto, test/);
    await expect(open('ftp://a:hunter22@host/1')).rejects.toThrow(
      /^ftp:\/\/\*\*\*@host\/1: no address that is taken; expected/,
    );
  });

  test.skipIf(existsSync('/dev/video0'))('any camera at all (skipped where there is one)', async () => {
    onlyPrograms({});
    await expect(open('auto')).rejects.toThrow(/auto: expected a camera, found no \/dev\/video/);
  });
});

describe('sources that need no program', () => {
  test('the test scene comes at its rate and in its size', async () => {
    const source = await open('test', { size: { width: 33, height: 20 }, fps: 200 });
    const list = await frames(source, 5);
    expect(list[0]).toMatchObject({ format: 'rgb24', width: 33, height: 20, stride: 99, index: 0 });
    expect(list.every((frame, i) => i === 0 || frame.index > list[i - 1]!.index)).toBe(true);
    expect(list[0]!.data).not.toEqual(list[4]!.data);
  });

  test('pictures of a folder, within the size asked for; what is no picture is told of', async () => {
    const drawing = (size: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect fill="red" width="999" height="999"/></svg>`;
    const folder = folderWith({
      'a.svg': drawing('width="30" height="20"'),
      'b.jpg': 'none',
      'c.svg': drawing('width="80" height="200"'),
    });
    const said: string[] = [];
    const source = await open(folder, {
      fps: 5,
      size: { width: 50, height: 50 },
      notify: (message) => said.push(message),
    });
    const list = await frames(source);
    expect(list).toMatchObject([
      { index: 0, width: 30, height: 20 },
      { index: 1, width: 20, height: 50 },
    ]);
    expect([...list[1]!.data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect(said).toEqual([expect.stringMatching(/^skipped .*b\.jpg: expected JPEG, PNG/)]);
  });

  test('a folder without a picture that can be read is an error', async () => {
    await expect((await open(folderWith())).next()).rejects.toThrow(/expected pictures, found none/);
    const bad = await open(folderWith({ 'a.png': 'none', 'b.png': '' }), { fps: 100 });
    await expect(bad.next()).rejects.toThrow(/expected pictures, none of 2 can be read/);
  });
});

test('options that do not fit the source are wrong usage', async () => {
  await expect(open('-')).rejects.toThrow(/--size 640x480 --format rgb24/);
  await expect(open('test', { format: 'rgb24' })).rejects.toThrow(/raw frames on stdin alone/);
  await expect(open('test', { listen: true })).rejects.toThrow(/address to listen at/);
});
