import { milliseconds, plural } from '../../../converter/report/format.ts';
import { quantiles } from '../../runtime/quantiles.ts';
import type { LiveUpdate } from '../../runtime/served.ts';
import { setText } from '../page-ui/bars.ts';
import { showTiles, type Tile } from '../page-ui/facts.ts';
import { showHistogram } from '../page-ui/histogram.ts';
import type { PictureAnswer } from './ask.ts';
import { ui } from './view.ts';

/** Latencies that count: ten seconds of a camera at 30 frames a second. */
const KEPT = 300;
/** Figures change so seldom that they can be read. */
const UPDATE_MS = 500;
const PROVIDERS: Readonly<Record<string, string>> = { cpu: 'CPU', wasm: 'WASM', cuda: 'CUDA', tensorrt: 'TensorRT' };

/** Figures of the camera's answers. */
export type LiveFigures = { readonly add: (update: LiveUpdate) => void; readonly clear: () => void };

export function liveFigures(): LiveFigures {
  let kept: readonly number[] = [];
  let shown = 0;
  return {
    clear: () => {
      kept = [];
      shown = 0;
    },
    add: (update) => {
      kept = [...kept, ...update.latencies].slice(-KEPT);
      const now = performance.now();
      if (now - shown < UPDATE_MS) return;
      shown = now;
      const [p50 = 0, p95 = 0, p99 = 0] = quantiles(kept, [0.5, 0.95, 0.99]);
      showTiles(ui.figures, liveTiles(update, p50, p95));
      const to = niceAbove(p99);
      showHistogram(ui.histogram, kept, to);
      setText(
        ui.caption,
        `Frame to answer: p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}; ${plural(update.dropped, 'frame')} dropped`,
      );
      setText(ui.to, `${to} ms and more`);
      ui.times.hidden = false;
    },
  };
}

function liveTiles({ answer, compared, rates, temperature }: LiveUpdate, p50: number, p95: number): readonly Tile[] {
  const beside = compared === null ? '' : `beside it ${milliseconds(compared.infer)}`;
  return [
    { name: 'Inference', value: milliseconds(answer.infer), note: beside },
    { name: 'Latency', value: milliseconds(p50), note: `p95 ${milliseconds(p95)}` },
    { name: 'Answers', value: `${rates.answered.toFixed(1)}/s`, note: `of ${rates.captured.toFixed(1)}/s` },
    {
      name: 'Runs on',
      value: PROVIDERS[answer.provider] ?? answer.provider,
      note: temperature === null ? '' : `${temperature.toFixed(0)} \u00b0C`,
    },
  ];
}

/** Figures of one picture, and of the second model's answer to it. */
export function showPictureFigures({ ms, provider }: PictureAnswer, second: PictureAnswer | undefined): void {
  const beside = second === undefined ? '' : `beside it ${milliseconds(second.ms.infer)}`;
  ui.times.hidden = true;
  showTiles(ui.figures, [
    { name: 'Inference', value: milliseconds(ms.infer), note: beside },
    { name: 'Decoding', value: milliseconds(ms.decode), note: 'on the server' },
    { name: 'Runs on', value: PROVIDERS[provider] ?? provider, note: '' },
  ]);
}

/** The next of 1, 2, 5, 10, 20 and so on. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}
