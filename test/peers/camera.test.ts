import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openCamera } from '../../src/node/camera/open-camera.ts';
import type { Frame } from '../../src/pipeline/types.ts';
import { MAIN, type Outcome, resedge, succeed, TABLE, WEIGHTS } from '../runtime/node/resedge.ts';
import { freePort } from './free-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'resedge-camera-'));
const model = join(folder, 'model.onnx');
const video = join(folder, 'video.mp4');
const SCENE = 'testsrc2=size=322x242:rate=30';
const started: ChildProcess[] = [];

beforeAll(async () => {
  await succeed(['convert', WEIGHTS, '-o', model, '--calibrate', TABLE]);
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', SCENE, '-t', '2', '-c:v', 'mpeg4', video]);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A second ffmpeg that plays the scene in real time. */
function play(...output: readonly string[]): ChildProcess {
  const child = spawn('ffmpeg', ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', SCENE, ...output], {
    stdio: 'ignore',
  });
  started.push(child);
  return child;
}

const mjpeg = (port: number): ChildProcess =>
  play('-c:v', 'mjpeg', '-f', 'mpjpeg', '-listen', '1', `http://127.0.0.1:${port}/`);

const camera = (source: string, ...more: readonly string[]): Promise<Outcome> =>
  resedge(['camera', source, '--model', model, '--json', ...more]);

function frames({ stdout }: Outcome): readonly number[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).frame);
}

function expectAnswers(outcome: Outcome, count: number): void {
  expect(outcome).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^resedge: \d+ frames in .* on cpu[^\n]*\n$/),
  });
  expect(frames(outcome)).toHaveLength(count);
}

/** The picture that a source shows first, as grey levels of the frame's own rows. */
async function firstFrame(
  source: string,
  size?: { readonly width: number; readonly height: number },
  fps?: number,
): Promise<Frame> {
  const opened = await openCamera(source, { size, fps });
  try {
    const frame = await opened.next();
    expect(frame).toBeDefined();
    return { ...frame!, data: frame!.data.slice() };
  } finally {
    await opened.close();
  }
}

describe('ffmpeg', () => {
  test('a video is played at its own speed to its end', async () => {
    const start = performance.now();
    const outcome = await camera(video);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(/^resedge: 60 frames in/) });
    expect(frames(outcome).at(-1)).toBe(59);
    expect(performance.now() - start).toBeGreaterThan(1800);
  });

  test('of a rate that is asked for frames are dropped, none repeated', async () => {
    const slow = await camera(video, '--fps', '10');
    expect(slow).toMatchObject({ code: 0, stderr: expect.stringMatching(/^resedge: 2[01] frames in/) });
    const fast = await camera(video, '--fps', '100');
    expect(fast).toMatchObject({ code: 0, stderr: expect.stringMatching(/^resedge: 60 frames in/) });
  });

  test('the rate of MJPEG, which tells no times, is that of the clock', async () => {
    const port = await freePort();
    mjpeg(port);
    await sleep(1000);
    const { stdout } = await camera(`http://127.0.0.1:${port}/`, '--fps', '10', '--frames', '15');
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [first, last] = [answers[2], answers.at(-1)];
    expect((last.at - first.at) / (last.frame - first.frame)).toBeGreaterThan(90);
  });

  test('frames are those that ffmpeg decodes, in their own size and in an odd one', async () => {
    for (const size of [undefined, { width: 101, height: 77 }]) {
      const frame = await firstFrame(video, size);
      const { width, height } = frame;
      expect({ width, height }).toEqual(size ?? { width: 322, height: 242 });
      const decoded = execFileSync(
        'ffmpeg',
        [
          '-v',
          'error',
          '-i',
          video,
          '-frames:v',
          '60',
          '-vf',
          `scale=${width}:${height}:out_color_matrix=bt601:out_range=limited`,
          '-f',
          'rawvideo',
          '-pix_fmt',
          'yuv420p',
          '-',
        ],
        { maxBuffer: 2 ** 28 },
      );
      const bytes = frame.data.length;
      const wanted = decoded.subarray(frame.index * bytes, (frame.index + 1) * bytes);
      expect(Buffer.compare(wanted, frame.data)).toBe(0);
    }
  });

  test('MJPEG over HTTP from another ffmpeg, which is killed and started again', async () => {
    const port = await freePort();
    let server = mjpeg(port);
    await sleep(1000);
    const said: string[] = [];
    const source = await openCamera(`http://127.0.0.1:${port}/`, { notify: (message) => said.push(message) });
    try {
      const back = (): number => said.filter((line) => line.endsWith(': back')).length;
      let last = (await source.next())!.index;
      for (let round = 0; round < 4; round++) {
        server.kill('SIGKILL');
        await sleep(500);
        server = mjpeg(port);
        while (back() === round) {
          const { index } = (await source.next())!;
          expect(index).toBeGreaterThan(last);
          last = index;
        }
      }
    } finally {
      await source.close();
    }
  });

  test('a server that stops sending without closing is left and asked again', async () => {
    const port = await freePort();
    const server = mjpeg(port);
    await sleep(1000);
    const said: string[] = [];
    const notify = (message: string): void => {
      said.push(message);
      if (!message.includes('lost')) return;
      server.kill('SIGKILL');
      mjpeg(port);
    };
    const source = await openCamera(`http://127.0.0.1:${port}/`, { stallMs: 1000, notify });
    try {
      await source.next();
      server.kill('SIGSTOP');
      while (!said.some((line) => line.endsWith(': back'))) await source.next();
      expect(said[0]).toMatch(/: lost, it sent nothing for 1 s; trying again in 0.25 s$/);
    } finally {
      await source.close();
    }
  });

  test('RTSP that another ffmpeg pushes here, its password never shown', async () => {
    const port = await freePort();
    const running = camera(`rtsp://admin:hunter22@127.0.0.1:${port}/live`, '--listen', '--frames', '20');
    let outcome: Outcome | undefined;
    void running.then((ended) => {
      outcome = ended;
    });
    // Refused until the camera's ffmpeg listens.
    while (outcome === undefined) {
      const pushing = play('-c:v', 'mpeg4', '-f', 'rtsp', `rtsp://admin:hunter22@127.0.0.1:${port}/live`);
      await new Promise((resolve) => pushing.once('close', resolve));
      await sleep(200);
    }
    expectAnswers(outcome, 20);
  });

  test('what cannot be opened is said in one line, without the password', async () => {
    const port = await freePort();
    const refused = await camera(`rtsp://admin:hunter22@127.0.0.1:${port}/live`);
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: `resedge: rtsp://***@127.0.0.1:${port}/live: expected frames, nobody listens there: check host and port, and that the camera is on\n`,
    });
    const noVideo = await camera(MAIN);
    expect(noVideo).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^resedge: .*main.js: expected frames, it is no video[^\n]*\n$/),
    });
  });

  test('ends at SIGTERM, and its ffmpeg with it', async () => {
    const child = spawn(process.execPath, [MAIN, 'camera', video, '--model', model, '--json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.resume();
    const tasks = `/proc/${child.pid}/task`;
    const own = readdirSync(tasks).flatMap(
      (task) => readFileSync(join(tasks, task, 'children'), 'utf8').match(/\d+/g) ?? [],
    );
    expect(own).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(() => process.kill(Number(own[0]), 0)).toThrow('ESRCH');
  });
});

describe('GStreamer', () => {
  test('a pipeline to its end, in a size whose rows are padded', async () => {
    const outcome = await camera('gst:videotestsrc num-buffers=30 is-live=true', '--size', '321x240');
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(/^resedge: 30 frames in/) });
    expect(frames(outcome).at(-1)).toBe(29);
  });

  test('quotes keep a name with blanks together', async () => {
    const avi = join(mkdtempSync(join(folder, 'my films ')), 'a.avi');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', SCENE, '-t', '1', '-c:v', 'mjpeg', avi]);
    const outcome = await camera(`gst:filesrc location="${avi}" ! avidemux ! jpegdec`);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringMatching(/^resedge: 30 frames in/) });
  });

  test('rows are padded to four bytes, colours where they belong', async () => {
    const frame = await firstFrame('gst:videotestsrc pattern=red num-buffers=30 is-live=true', {
      width: 33,
      height: 20,
    });
    expect(frame).toMatchObject({ format: 'rgb24', width: 33, height: 20, stride: 100 });
    expect([...frame.data.subarray(100 * 19, 100 * 19 + 6)]).toEqual([255, 0, 0, 255, 0, 0]);
  });

  test('a video, where there is no ffmpeg', async () => {
    const before = process.env['PATH'];
    const only = mkdtempSync(join(folder, 'path-'));
    execFileSync('ln', ['-s', execFileSync('which', ['gst-launch-1.0'], { encoding: 'utf8' }).trim(), only]);
    const avi = join(folder, 'video.avi');
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', SCENE, '-t', '1', '-c:v', 'mjpeg', avi]);
    process.env['PATH'] = only;
    try {
      for (const fps of [undefined, 7.5, 240])
        expect(await firstFrame(avi, undefined, fps)).toMatchObject({ format: 'rgb24', width: 640, height: 480 });
    } finally {
      process.env['PATH'] = before;
    }
  });
});
