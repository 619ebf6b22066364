import { bar, progress } from './print.ts';
import { type TimeLeft, timeLeft, timeLeftText } from './time-left.ts';

/** Characters of the longest stage's name, and of the bar. */
const NAME_WIDTH = 9;
const BAR_WIDTH = 24;
/** Between two looks of the line, unless a stage begins or ends. */
const LEAST_MS = 100;

/** `calibrate  ██████▌                   70 of 256  2 min left`; the name alone where a stage is one step. */
export function stageText(stage: string, done: number, total: number, leftMs: number | undefined): string {
  if (total <= 1) return stage;
  const count = `${String(done).padStart(String(total).length)} of ${total}`;
  const left = leftMs === undefined || done >= total ? '' : `  ${timeLeftText(leftMs)}`;
  return `${stage.padEnd(NAME_WIDTH)}  ${bar(done / total, BAR_WIDTH).padEnd(BAR_WIDTH)}  ${count}${left}`;
}

/** One line on a terminal's stderr that follows work through its stages; `done` wipes it. */
export function stages(): {
  readonly show: (stage: string, done: number, total: number) => void;
  readonly done: () => void;
} {
  const line = progress();
  let current: { readonly stage: string; readonly left: TimeLeft } | undefined;
  let shownAt = 0;
  return {
    show: (stage, done, total) => {
      const now = performance.now();
      const begins = current?.stage !== stage;
      const { left } = begins || current === undefined ? { left: timeLeft() } : current;
      current = { stage, left };
      const leftMs = left(done, total, now);
      if (!begins && done < total && now - shownAt < LEAST_MS) return;
      shownAt = now;
      line.show(stageText(stage, done, total, leftMs));
    },
    done: line.done,
  };
}
