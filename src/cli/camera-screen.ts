import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import { wholeMicroseconds } from '../runtime/whole-microseconds.ts';
import type { Taken } from './camera-answers.ts';
import { type CameraFigures, cameraFigures } from './camera-figures.ts';
import { note, print } from './print.ts';

const UNKNOWN = 'unknown';
const NO_TIME = { prepare: 0, infer: 0, total: 0 };

/** What `camera` writes: answers on stdout, everything else on stderr. */
export type AnswerScreen = {
  /** Starts the live line. */
  readonly begin: (source: FrameSource, provider: string) => CameraFigures;
  readonly note: (line: string) => void;
  readonly show: (answer: StreamAnswer, taken: Taken) => void;
  /** Shows the answer to a frame that was left out since nothing moved. */
  readonly still: (taken: Taken) => void;
};

/** With `json` every answer is a line; else every change of the label is. */
export function answerScreen({ json }: { readonly json?: boolean }): AnswerScreen {
  const begun = Date.now();
  let figures: CameraFigures | undefined;
  let shown: string | undefined;
  let dropped = 0;
  const write = ({ answer }: Taken, ms: StreamAnswer['ms']): void => {
    const { frame, at, best, top, still } = answer;
    const label = best?.label ?? UNKNOWN;
    const probability = best?.probability ?? top[0]?.probability ?? 0;
    figures?.say(label, probability);
    if (json) {
      print(
        JSON.stringify({
          frame,
          at: wholeMicroseconds(at),
          label,
          probability,
          top,
          ms,
          dropped,
          ...(still ? { still } : {}),
        }),
      );
    } else if (label !== shown) {
      figures?.clear();
      print(`  ${((at - begun) / 1000).toFixed(1).padStart(6)} s  ${label}  ${probability.toFixed(2)}`);
    }
    shown = label;
  };
  return {
    begin: (source, provider) => {
      figures = cameraFigures(source, provider);
      return figures;
    },
    note: (line) => {
      figures?.clear();
      note(line);
    },
    show: (answer, taken) => {
      const { prepare, infer, total } = answer.ms;
      dropped = answer.dropped;
      figures?.add(answer);
      write(taken, {
        prepare: wholeMicroseconds(prepare),
        infer: wholeMicroseconds(infer),
        total: wholeMicroseconds(total),
      });
    },
    still: (taken) => {
      figures?.addStill();
      write(taken, NO_TIME);
    },
  };
}
