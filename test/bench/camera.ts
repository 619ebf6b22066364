import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningCamera, startCamera, type Watched } from './common/camera.ts';
import { bundled, converted } from './common/converted.ts';
import { wholeNumbers } from './common/flags.ts';
import { figure, report, say } from './common/report.ts';
import { megabytes, ms, perSecond, times } from './common/units.ts';

const { seconds, restarts, port, test } = wholeNumbers({ seconds: 20, restarts: 20, port: 8390, test: 0 });

const SCENE = 'testsrc2=size=640x480:rate=30';
const ADDRESS = `http://127.0.0.1:${port}/`;
/** Longest time for a source to come back. */
const PATIENCE_MS = 20_000;

/** Another ffmpeg that serves MJPEG, as a network camera does. */
function serve(): ChildProcess {
  const output = ['-c:v', 'mjpeg', '-q:v', '5', '-f', 'mpjpeg', '-listen', '1', ADDRESS];
  return spawn('ffmpeg', ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', SCENE, ...output], {
    stdio: 'ignore',
  });
}

/** Watches a source of 640 x 480 at 30 frames a second for some seconds: an ffmpeg beside it, or the scene drawn here. */
async function watch(model: string, args: readonly string[] = [], core?: number): Promise<Watched> {
  const server = test > 0 ? undefined : serve();
  await sleep(1000);
  const camera = startCamera([test > 0 ? 'test' : ADDRESS, '--model', model, ...args], core);
  await sleep(seconds * 1000);
  const watched = await camera.stop();
  server?.kill('SIGKILL');
  return watched;
}

async function answersBeyond(camera: RunningCamera, count: number): Promise<boolean> {
  for (const begun = performance.now(); performance.now() - begun < PATIENCE_MS; await sleep(50)) {
    if (camera.count() > count) return true;
  }
  return false;
}

/** Kills the source and starts it again, time after time; returns how often answers came again. */
async function killAndRestart(model: string): Promise<number> {
  let server = serve();
  await sleep(1000);
  const camera = startCamera([ADDRESS, '--model', model]);
  let back = 0;
  await answersBeyond(camera, 10);
  for (let i = 0; i < restarts; i++) {
    server.kill('SIGKILL');
    await sleep(300);
    const before = camera.count();
    server = serve();
    if (await answersBeyond(camera, before + 5)) back++;
  }
  await camera.stop();
  server.kill('SIGKILL');
  return back;
}

const resnet20 = await bundled();
const models = {
  'ResNet-20 INT8': resnet20,
  'ResNet-18 of a quarter width INT8': await converted('resnet18-quarter', 'int8'),
};
const overload = await converted('resnet50', 'fp32');
for (const [name, model] of Object.entries(models)) {
  say(`${name} at 30 frames a second`);
  const { fps, total } = await watch(model);
  report(`640 x 480 at 30 frames a second, ${name}`, [
    figure('answered', fps, 'at least', 29.5, perSecond),
    figure('frame to answer, p95', total.p95, 'at most', 45, ms),
    { name: 'frame to answer, p50', measured: ms(total.p50) },
  ]);
}
say('ResNet-50 FP32 on one core');
const slow = await watch(overload, ['--threads', '1'], 0);
report('640 x 480 at 30 frames a second, ResNet-50 FP32 on one core', [
  figure('frame to answer, p95, over inference', slow.total.p95 / slow.infer, 'at most', 2.2, times),
  figure('growth of the resident set', slow.growth, 'at most', 5e6, megabytes),
  { name: 'inference, p50', measured: ms(slow.infer) },
  { name: 'answered', measured: perSecond(slow.fps) },
]);
if (restarts > 0 && test === 0) {
  say(`source killed and started again ${restarts} times`);
  const back = await killAndRestart(resnet20);
  report('a source that is killed and started again', [figure('came back', back, 'at least', restarts, String)]);
}
