import { spawn } from 'node:child_process';
import { quantiles } from '../../../src/runtime/quantiles.ts';
import { median } from './alternate.ts';
import { residentSet } from './process.ts';
import { MAIN } from './resedge.ts';

type Answer = { readonly at: number; readonly ms: { readonly infer: number; readonly total: number } };

/** What a camera did after its warm-up. */
export type Watched = {
  readonly fps: number;
  /** Milliseconds from a frame's last byte to its answer, and of inference alone. */
  readonly total: { readonly p50: number; readonly p95: number };
  readonly infer: number;
  /** Growth of the resident set, in bytes. */
  readonly growth: number;
  readonly stderr: string;
};

const WARM_UP_MS = 3000;
const LOOK_MS = 500;

/** A running `resedge camera --json`. */
export type RunningCamera = {
  readonly pid: number;
  /** Answers so far. */
  readonly count: () => number;
  readonly stderr: () => string;
  /** Ends it as Ctrl-C does; rejects unless it ends well. */
  readonly stop: () => Promise<Watched>;
};

/** Starts the built command; `core` keeps the whole process on one. */
export function startCamera(args: readonly string[], core?: number): RunningCamera {
  const command = [process.execPath, MAIN, 'camera', ...args, '--json'];
  const [program, ...rest] = core === undefined ? command : ['taskset', '-c', `${core}`, ...command];
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const answers: (Answer & { readonly came: number })[] = [];
  const sizes: number[] = [];
  let first: number | undefined;
  let unfinished = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    const came = performance.now();
    const lines = (unfinished + part).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) {
      first ??= came;
      answers.push({ ...(JSON.parse(line) as Answer), came });
    }
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  const looking = setInterval(() => {
    if (first !== undefined && performance.now() - first > WARM_UP_MS) sizes.push(residentSet(child.pid));
  }, LOOK_MS);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const stop = async (): Promise<Watched> => {
    clearInterval(looking);
    child.kill('SIGINT');
    const code = await ended;
    if (code !== 0) throw new Error(`camera ended with ${code}: ${stderr}`);
    const warm = answers.filter(({ came }) => came - (first ?? 0) > WARM_UP_MS);
    const [p50 = Number.NaN, p95 = Number.NaN] = quantiles(
      warm.map(({ ms }) => ms.total),
      [0.5, 0.95],
    );
    const infer = median(warm.map(({ ms }) => ms.infer));
    const seconds = ((warm.at(-1)?.at ?? 0) - (warm[0]?.at ?? 0)) / 1000;
    return { fps: (warm.length - 1) / seconds, total: { p50, p95 }, infer, growth: growth(sizes), stderr };
  };
  return { pid: child.pid ?? 0, count: () => answers.length, stderr: () => stderr, stop };
}

/** The last quarter's median over the first quarter's: single readings swing with the garbage collector. */
function growth(sizes: readonly number[]): number {
  const quarter = Math.max(1, Math.floor(sizes.length / 4));
  return median(sizes.slice(-quarter)) - median(sizes.slice(0, quarter));
}
