import { describe } from '../../converter/resnet/architecture.ts';
import type { EpochRecord } from '../../converter/train/recipe.ts';
import type { Beginning } from '../node/train/train-options.ts';
import type { StepReport } from '../node/train/types.ts';
import { byteSize, fields, percent, print, progress } from './print.ts';
import { stages } from './stages.ts';
import { timeLeft, timeLeftText } from './time-left.ts';

/** Between two looks of the line. */
const LEAST_MS = 100;

/** What `train` says while it works and at its end. */
export type TrainReport = {
  readonly reading: (done: number, total: number) => void;
  readonly begin: (beginning: Beginning) => void;
  readonly step: (step: StepReport) => void;
  readonly epoch: (record: EpochRecord) => void;
  readonly end: (beginning: Beginning, records: readonly EpochRecord[], bytes: number) => void;
  /** Wipes the line. */
  readonly done: () => void;
};

/** The one under way: when it began, the last step's time and the pictures until then. */
type Epoch = { readonly began: number; readonly at: number; readonly pictures: number; readonly first: boolean };

/** A line on a terminal that follows the steps, a row on stdout for every epoch; `json`: lines of JSON alone. */
export function trainReport(output: string, epochs: number, json: boolean): TrainReport {
  const reading = stages();
  const line = progress();
  const left = timeLeft();
  const started = performance.now();
  let shownAt = 0;
  const begin = (first: boolean): Epoch => ({ began: performance.now(), at: 0, pictures: 0, first });
  let epoch = begin(true);
  const rate = (): number => epoch.pictures / ((epoch.at - epoch.began) / 1000);
  const done = (): void => {
    reading.done();
    line.done();
  };
  return {
    done,
    reading: (count, total) => reading.show('read', count, total),
    begin: (beginning) => {
      done();
      if (!json) printBeginning(beginning, epochs);
      epoch = begin(true);
    },
    step: (step) => {
      const now = performance.now();
      epoch = { ...epoch, at: now, pictures: step.pictures };
      const leftMs = left((step.epoch - 1) * step.steps + step.step, epochs * step.steps, now);
      if (now - shownAt < LEAST_MS) return;
      shownAt = now;
      line.show(stepText(step, epochs, rate(), leftMs));
    },
    epoch: (record) => {
      line.done();
      const picturesPerSecond = rate();
      if (json) print(JSON.stringify({ ...record, picturesPerSecond: Math.round(picturesPerSecond) }));
      else {
        if (epoch.first) print(HEADER);
        print(rowOf(record, epochs, picturesPerSecond));
      }
      epoch = begin(false);
    },
    end: ({ architecture, parameters }, records, bytes) => {
      const last = records.at(-1);
      const ms = Math.round(performance.now() - started);
      if (json) {
        const { accuracy, validation } = last ?? {};
        print(
          JSON.stringify({ weights: output, arch: architecture.name, parameters, bytes, accuracy, validation, ms }),
        );
      } else printEnd(output, last, bytes, ms);
    },
  };
}

function printBeginning({ architecture, parameters, pictures, validation, records }: Beginning, epochs: number): void {
  const apart = validation > 0 ? `, ${validation.toLocaleString('en')} to judge by` : '';
  const before = records.length;
  print(
    fields([
      ['network', describe(architecture)],
      ['parameters', parameters.toLocaleString('en')],
      ['pictures', `${pictures.toLocaleString('en')}${apart}`],
      ...(before > 0 ? ([['resumed', `after epoch ${before} of ${epochs}`]] as const) : []),
    ]),
  );
}

const HEADER = `\n  ${'epoch'.padEnd(9)}${'loss'.padStart(8)}${'accuracy'.padStart(11)}${'validation'.padStart(12)}${'pictures/s'.padStart(12)}`;

function rowOf({ epoch, loss, accuracy, validation }: EpochRecord, epochs: number, rate: number): string {
  const place = `${String(epoch).padStart(String(epochs).length)} of ${epochs}`;
  const judged = validation === undefined ? '-' : percent(validation);
  return `  ${place.padEnd(9)}${lossText(loss).padStart(8)}${percent(accuracy).padStart(11)}${judged.padStart(12)}${rate.toFixed(0).padStart(12)}`;
}

function lossText(loss: number): string {
  return loss < 1000 ? loss.toFixed(4) : loss.toExponential(1);
}

/** `epoch 2 of 15  step  33 of 390  loss 1.2340  accuracy 45.20 %  182 pictures/s  5 min left`. */
function stepText(
  { epoch, step, steps, loss, accuracy }: StepReport,
  epochs: number,
  rate: number,
  leftMs: number | undefined,
): string {
  return [
    `epoch ${epoch} of ${epochs}`,
    `step ${String(step).padStart(String(steps).length)} of ${steps}`,
    `loss ${lossText(loss)}`,
    `accuracy ${percent(accuracy)}`,
    `${rate.toFixed(0)} pictures/s`,
    ...(leftMs === undefined ? [] : [timeLeftText(leftMs)]),
  ].join('  ');
}

function printEnd(output: string, last: EpochRecord | undefined, bytes: number, ms: number): void {
  const quoted = /^[\w./-]+$/.test(output) ? output : `'${output.replaceAll("'", "'\\''")}'`;
  print('');
  print(
    fields([
      ['file', `${output}, ${byteSize(bytes)}, ${(ms / 1000).toFixed(1)} s`],
      ...(last?.validation === undefined ? [] : ([['validation', `top-1 ${percent(last.validation)}`]] as const)),
      ['next', `resedge convert ${quoted} -o model.onnx --calibrate <folder of pictures>`],
    ]),
  );
}
