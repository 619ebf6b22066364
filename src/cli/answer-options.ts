import { type Command, InvalidArgumentError } from 'commander';
import { STEADY } from '../pipeline/answers/defaults.ts';
import { EVENT_KINDS, type EventKind } from '../pipeline/answers/event-kinds.ts';
import type { AskedRegion } from '../pipeline/answers/region.ts';
import { addSinkOptions, type SinkFlags } from './camera-sinks.ts';
import { oneMore, realNumber, share, wholeNumber } from './options.ts';

const MAX_MS = 3_600_000;
const MAX_GREY = 255;

export type AnswerFlags = SinkFlags & {
  readonly smooth: number;
  readonly threshold: number;
  readonly hysteresis: number;
  readonly debounce: number;
  /** What moves elsewhere does not count. */
  readonly roi?: AskedRegion;
  readonly motion?: number;
  readonly on?: readonly EventKind[];
  readonly watch?: readonly string[];
};

/** Adds the options that say how answers become steady, which events are told, and where they go. */
export function addAnswerOptions(command: Command): Command {
  const { smoothMs, threshold, hysteresis } = STEADY;
  command
    .option('--smooth <ms>', 'time constant of the average over frames, 0 for none', wholeNumber(0, MAX_MS), smoothMs)
    .option('--threshold <p>', 'below this probability the answer is "unknown"', share, threshold)
    .option(
      '--hysteresis <p>',
      'how far another label must lead, or a label fall, to lose its place',
      share,
      hysteresis,
    )
    .option(
      '--motion <level>',
      'skip frames that changed by less, in grey levels of 255; 6 is a start',
      realNumber(0, MAX_GREY),
    )
    .option('--debounce <ms>', 'how long something must hold to be an event', wholeNumber(0, MAX_MS), 500)
    .option('--on <kinds>', `events to tell, of ${EVENT_KINDS.join(',')} (default: all)`, eventKinds)
    .option('--watch <label=p>', 'tell when the label crosses this probability; may be given again', oneMore);
  return addSinkOptions(command);
}

function eventKinds(text: string): readonly EventKind[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = EVENT_KINDS;
  if (!names.every((name) => known.includes(name))) {
    throw new InvalidArgumentError(`Expected some of ${EVENT_KINDS.join(',')}.`);
  }
  return EVENT_KINDS.filter((kind) => names.includes(kind));
}
