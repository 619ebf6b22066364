import type { Guess } from '../../runtime/answer.ts';
import type { EventKind } from './event-kinds.ts';
import { holding } from './hold.ts';
import { guessOf, type SteadyAnswer } from './steady.ts';

type Cause = {
  /** When the frame that settled it arrived, ISO 8601 in UTC. */
  readonly time: string;
  readonly label: string;
  /** Of this label in this frame, averaged over time, to four digits. */
  readonly probability: number;
  readonly frame: number;
};

/** Something that happened in front of the camera; plain data, which is also what sinks write as JSON. */
export type CameraEvent =
  | ({ readonly kind: 'entered' | 'left' } & Cause)
  /** `threshold` is the one watched for, in both directions. */
  | ({ readonly kind: 'crossed'; readonly direction: 'up' | 'down'; readonly threshold: number } & Cause);

/** A class whose probability is watched: `crossed` upwards at `up`, downwards below `down`, which is not above `up`. */
export type Watch = { readonly index: number; readonly up: number; readonly down: number };

export type EventOptions = {
  readonly labels: readonly string[];
  readonly kinds: readonly EventKind[];
  readonly watches: readonly Watch[];
  /** What is new must hold for so long before it counts. */
  readonly debounceMs: number;
};

/** Finds the events in successive answers: those of one answer in the order left, entered, crossed. */
export function eventDetector(options: EventOptions): (answer: SteadyAnswer) => readonly CameraEvent[] {
  const { kinds } = options;
  const detectors = [presence(options), ...options.watches.map((watch) => crossing(watch, options))];
  return (answer) => detectors.flatMap((detect) => detect(answer)).filter(({ kind }) => kinds.includes(kind));
}

function presence({ labels, debounceMs }: EventOptions): (answer: SteadyAnswer) => readonly CameraEvent[] {
  const held = holding<number | undefined>(debounceMs);
  const gone = holding<number | undefined>(debounceMs);
  let present: number | undefined;
  return (answer) => {
    const { best, at, probabilities } = answer;
    const events: CameraEvent[] = [];
    const isHeld = held(best?.index, at);
    const absent = best?.index === present ? undefined : present;
    if (gone(absent, at) && absent !== undefined) {
      events.push({ kind: 'left', ...causeOf(answer, guessOf(labels, absent, probabilities)) });
      present = undefined;
    }
    if (best !== undefined && best.index !== present && isHeld) {
      events.push({ kind: 'entered', ...causeOf(answer, best) });
      present = best.index;
    }
    return events;
  };
}

function crossing(watch: Watch, options: EventOptions): (answer: SteadyAnswer) => readonly CameraEvent[] {
  const { index, up, down } = watch;
  const held = holding<boolean>(options.debounceMs);
  let above = false;
  let reported = false;
  return (answer) => {
    const guess = guessOf(options.labels, index, answer.probabilities);
    above = above ? guess.probability >= down : guess.probability >= up;
    if (!held(above, answer.at) || above === reported) return [];
    reported = above;
    const direction = above ? 'up' : 'down';
    return [{ kind: 'crossed', direction, threshold: up, ...causeOf(answer, guess) }];
  };
}

function causeOf({ at, frame }: SteadyAnswer, { label, probability }: Guess): Cause {
  return { time: new Date(at).toISOString(), label, probability: Math.round(probability * 1e4) / 1e4, frame };
}
