import { milliseconds } from '../../../converter/report/format.ts';
import { quantiles } from '../../runtime/quantiles.ts';
import type { Tile } from '../page-ui/facts.ts';
import type { Opened } from './protocol.ts';

/** Answers of so many last milliseconds count. */
const SPAN_MS = 3000;

const PROVIDERS = { wasm: 'WASM', webgpu: 'WebGPU', webnn: 'WebNN' } as const;
const NONE = '\u2013';

type Times = { readonly infer: number; readonly total: number };

/** Times of the newest answers; `now` and times in milliseconds. */
export type Figures = {
  readonly add: (times: Times, now: number) => void;
  /** Forgets them: what comes is timed anew. */
  readonly clear: () => void;
  /** A camera's answers have a rate, a picture's has none. */
  readonly tiles: (opened: Opened, watching: boolean) => readonly Tile[];
};

export function createFigures(): Figures {
  let taken: readonly (Times & { readonly now: number })[] = [];
  return {
    add: (times, now) => {
      taken = [...taken.filter((one) => now - one.now < SPAN_MS), { ...times, now }];
    },
    clear: () => {
      taken = [];
    },
    tiles: (opened, watching) => [
      timed(
        'Inference',
        taken.map(({ infer }) => infer),
      ),
      timed(
        'Latency',
        taken.map(({ total }) => total),
      ),
      ...(watching ? [{ name: 'Answers', value: rate(taken.map(({ now }) => now)), note: '' }] : []),
      { name: 'Runs on', value: PROVIDERS[opened.provider], note: where(opened) },
    ],
  };
}

function timed(name: string, values: readonly number[]): Tile {
  const [half, most] = quantiles(values, [0.5, 0.95]);
  const note = values.length > 1 && most !== undefined ? `p95 ${milliseconds(most)}` : '';
  return { name, value: half === undefined ? NONE : milliseconds(half), note };
}

function rate(times: readonly number[]): string {
  const ms = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return ms > 0 ? `${((1000 * (times.length - 1)) / ms).toFixed(1)}/s` : NONE;
}

function where({ provider, threads }: Opened): string {
  return provider === 'wasm' ? `${threads} ${threads === 1 ? 'thread' : 'threads'}` : '';
}
