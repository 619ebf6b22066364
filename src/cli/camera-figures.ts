import { readTemperature } from '../node/device/temperature.ts';
import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import { quantiles } from '../runtime/quantiles.ts';
import { counted, progress } from './print.ts';

/** Latencies that count at the end, and on the live line. */
const KEPT = 10_000;
const SHOWN = 300;

const UPDATE_MS = 250;

/** The live line's rates are means over so many updates, two seconds. */
const RATE_UPDATES = 8;
const LABEL_WIDTH = 20;

/** Figures of a running camera: a live line on a terminal, and a line at the end. */
export type CameraFigures = {
  readonly add: (answer: StreamAnswer) => void;
  /** Counts a frame that was left out since nothing moved. */
  readonly addStill: () => void;
  readonly say: (label: string, probability: number) => void;
  /** Wipes the live line, so that another line can be printed; the next update brings it back. */
  readonly clear: () => void;
  /** Ends the live line; returns the last word. */
  readonly end: () => string;
};

type Snapshot = { readonly at: number; readonly captured: number; readonly answered: number };

/** Keeps figures of the answers to a source's frames; `provider` runs the model. */
export function cameraFigures(source: FrameSource, provider: string): CameraFigures {
  const latencies = new Float64Array(KEPT);
  const begun = performance.now();
  const line = progress();
  const snapshots: Snapshot[] = [{ at: begun, captured: 0, answered: 0 }];
  let answered = 0;
  let dropped = 0;
  let still = 0;
  let said = '';

  const latest = (count: number): readonly number[] => {
    const kept = Math.min(count, answered, KEPT);
    return Array.from({ length: kept }, (_, i) => latencies[(answered - 1 - i) % KEPT]!);
  };
  const percentiles = (count: number): string => {
    const values = quantiles(latest(count), [0.5, 0.95, 0.99]).map((value) => value.toFixed(value < 10 ? 1 : 0));
    return values.length === 0 ? 'no answers' : `p50 ${values[0]}  p95 ${values[1]}  p99 ${values[2]} ms`;
  };
  const update = (): void => {
    const now: Snapshot = { at: performance.now(), captured: source.counts().captured, answered };
    snapshots.push(now);
    if (snapshots.length > RATE_UPDATES) snapshots.shift();
    const before = snapshots[0]!;
    const rate = (a: number, b: number): string => ((1000 * (b - a)) / (now.at - before.at)).toFixed(1);
    const rates = `${rate(before.captured, now.captured)} in, ${rate(before.answered, now.answered)} answered/s`;
    line.show(`${said}  ${rates}  ${percentiles(SHOWN)}  ${dropped} dropped  ${provider}${temperature()}`);
  };
  const updating = process.stderr.isTTY === true ? setInterval(update, UPDATE_MS) : undefined;
  updating?.unref();

  return {
    add: ({ ms, dropped: count }) => {
      latencies[answered++ % KEPT] = ms.total;
      dropped = count;
    },
    addStill: () => {
      still++;
    },
    say: (label, probability) => {
      said = `${label.slice(0, LABEL_WIDTH).padEnd(LABEL_WIDTH)} ${probability.toFixed(2)}`;
    },
    clear: line.done,
    end: () => {
      clearInterval(updating);
      line.done();
      const seconds = (performance.now() - begun) / 1000;
      const { captured, reconnects } = source.counts();
      return [
        `${captured} frames in ${seconds.toFixed(1)} s (${(captured / seconds).toFixed(1)}/s)`,
        `${answered} answered (${(answered / seconds).toFixed(1)}/s), ${dropped} dropped${still > 0 ? `, ${still} still` : ''}`,
        ...(reconnects > 0 ? [counted(reconnects, 'reconnect')] : []),
        `frame to answer ${percentiles(KEPT).replaceAll('  ', ', ')}`,
        `on ${provider}${temperature()}`,
      ].join('; ');
    },
  };
}

function temperature(): string {
  const celsius = readTemperature();
  return celsius === undefined ? '' : `, ${celsius.toFixed(0)} °C`;
}
