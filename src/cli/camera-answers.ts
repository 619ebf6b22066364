import { type Command, InvalidArgumentError } from 'commander';
import { ResedgeError } from '../errors.ts';
import type { RawPicture } from '../image/frame.ts';
import { framePixels } from '../image/frame-pixels.ts';
import type { QueuedSink, SinkCounts } from '../node/sinks/types.ts';
import {
  type CameraEvent,
  EVENT_KINDS,
  type EventKind,
  eventDetector,
  type Watch,
} from '../pipeline/answers/events.ts';
import { gateSource } from '../pipeline/answers/gate-source.ts';
import { type KeptFrames, keepFrames } from '../pipeline/answers/keep-frames.ts';
import { motionGate } from '../pipeline/answers/motion.ts';
import { type AskedRegion, regionIn } from '../pipeline/answers/region.ts';
import { lowerThreshold } from '../pipeline/answers/settle.ts';
import { type SteadyAnswer, steadier } from '../pipeline/answers/steady.ts';
import { type GatedAnswer, repeatAnswer } from '../pipeline/answers/still.ts';
import { THUMBNAIL_LENGTH, thumbnail } from '../pipeline/answers/thumbnail.ts';
import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import { addSinkOptions, openSinks, type SinkContext, type SinkFlags } from './camera-sinks.ts';
import { realNumber, share, wholeNumber } from './options.ts';

const MAX_MS = 3_600_000;
const MAX_GREY = 255;

/** A label that leads by less than the hysteresis takes over after so long. */
const LEAD_MS = 1000;
/** A change is looked at for so long. */
const LINGER_MS = 1000;
/** A still scene is followed with this time constant. */
const ADAPT_MS = 2000;
/** A still scene is looked at once more after so long. */
const AT_MOST_MS = 5000;
/** Frames between being handed out and being answered: one under inference, one prepared, and one to spare. */
const FRAMES_IN_FLIGHT = 3;
/** What is queued at the end has so long to be delivered. */
const DRAIN_MS = 5000;

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

export type StageContext = Pick<SinkContext, 'note'> & {
  /** The zero of the frames' clock, in milliseconds since 1970. */
  readonly origin: number;
  /** Takes the answers to frames that were left out since nothing moved. */
  readonly still?: (taken: Taken) => void;
};

export type Taken = { readonly answer: SteadyAnswer; readonly events: readonly CameraEvent[] };

export type AnswerStage = {
  /** What to classify instead of the source: it leaves out still frames, and keeps copies where snapshots are asked for. */
  readonly gate: (source: FrameSource) => FrameSource;
  /** Takes the answer to one frame and hands its events to the sinks, without waiting. Throws `io` once nobody reads the output. */
  readonly take: (answer: StreamAnswer) => Taken;
  readonly counts: () => readonly NamedCounts[];
  /** Delivers what is left, within a time limit, and closes the sinks, once however often it is asked; says what was not delivered. */
  readonly close: () => Promise<readonly NamedCounts[]>;
};

export type NamedCounts = SinkCounts & { readonly sink: string };

export function addAnswerOptions(command: Command): Command {
  command
    .option('--smooth <ms>', 'time constant of the average over frames, 0 for none', wholeNumber(0, MAX_MS), 300)
    .option('--threshold <p>', 'below this probability the answer is "unknown"', share, 0.5)
    .option('--hysteresis <p>', 'how far another label must lead, or a label fall, to lose its place', share, 0.1)
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

/** Makes steady answers and events of the answers to single frames. Throws `usage` for flags that are wrong, `io` for a sink that is. */
export async function openAnswerStage(
  flags: AnswerFlags,
  labels: readonly string[],
  { note, origin, still }: StageContext,
): Promise<AnswerStage> {
  const watches = watchesOf(flags, labels);
  let unread: Error | undefined;
  const gone = (error: Error): void => {
    unread ??= error;
  };
  const sinks = await openSinks(flags, { note, gone });
  const all = [...sinks.events, ...(sinks.snapshots === undefined ? [] : [sinks.snapshots])];
  const steady = steadier({ ...flags, smoothMs: flags.smooth, leadMs: LEAD_MS, labels });
  const detect = eventDetector({ labels, kinds: flags.on ?? EVENT_KINDS, watches, debounceMs: flags.debounce });
  let kept: KeptFrames | undefined;
  let last: StreamAnswer | undefined;
  /** Handed out and not answered yet. */
  let pending: number | undefined;
  let closing: Promise<readonly NamedCounts[]> | undefined;

  const tell = (answer: GatedAnswer, picture: () => RawPicture | undefined): Taken => {
    if (unread !== undefined) throw new ResedgeError('io', 'nobody reads the output any more', { cause: unread });
    const settled = steady(answer);
    const events = detect(settled);
    for (const event of events) {
      for (const sink of sinks.events) sink.push(event);
      const frame = sinks.snapshots && picture();
      if (frame !== undefined) sinks.snapshots?.push({ event, picture: framePixels(frame) });
      else if (sinks.snapshots)
        note(`${sinks.snapshots.name}: frame ${event.frame} is gone, there is no snapshot of it`);
    }
    return { answer: settled, events };
  };

  const skipStill = (source: FrameSource, level: number): FrameSource => {
    const { moved } = motionGate({ level, lingerMs: LINGER_MS, adaptMs: ADAPT_MS, atMostMs: AT_MOST_MS });
    const luma = new Uint8Array(THUMBNAIL_LENGTH);
    return gateSource(source, (frame) => {
      const { arrivedMs } = frame;
      const region = flags.roi && regionIn(flags.roi, frame);
      if (moved(thumbnail(frame, luma, region), arrivedMs) || last === undefined) {
        pending = frame.index;
        return true;
      }
      // While an answer is due, repeating the one before it would put them out of order.
      if (pending === undefined) {
        const taken = tell(repeatAnswer(last, frame, origin + arrivedMs), () => frame);
        still?.(taken);
      }
      return false;
    });
  };

  return {
    gate: (source) => {
      const gated = flags.motion === undefined ? source : skipStill(source, flags.motion);
      if (sinks.snapshots === undefined) return gated;
      kept = keepFrames(gated, FRAMES_IN_FLIGHT);
      return kept.source;
    },
    take: (answer) => {
      if (pending === answer.frame) pending = undefined;
      last = answer;
      return tell(answer, () => kept?.find(answer.frame));
    },
    counts: () => all.map((sink) => ({ sink: sink.name, ...sink.counts() })),
    close: () => {
      closing ??= closeAll(all, note);
      return closing;
    },
  };
}

async function closeAll(
  sinks: readonly Pick<QueuedSink<never>, 'name' | 'close'>[],
  note: (line: string) => void,
): Promise<readonly NamedCounts[]> {
  const closing = sinks.map(async (sink) => ({ sink: sink.name, ...(await sink.close(DRAIN_MS)) }));
  const counts = await Promise.all(closing);
  for (const { sink, delivered, dropped, refused } of counts) {
    const all = delivered + dropped + refused;
    if (delivered < all)
      note(`${sink}: ${delivered} of ${all} events delivered, ${dropped} dropped, ${refused} refused`);
  }
  return counts;
}

function eventKinds(text: string): readonly EventKind[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = EVENT_KINDS;
  if (!names.every((name) => known.includes(name))) {
    throw new InvalidArgumentError(`Expected some of ${EVENT_KINDS.join(',')}.`);
  }
  return EVENT_KINDS.filter((kind) => names.includes(kind));
}

function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The classes to watch. A label may hold an equals sign; the last one counts. */
function watchesOf({ watch = [], on, hysteresis }: AnswerFlags, labels: readonly string[]): readonly Watch[] {
  const told = on === undefined || on.includes('crossed');
  const onlyCrossings = told && on?.length === 1;
  if (watch.length > 0 ? !told : onlyCrossings) {
    throw new ResedgeError('usage', 'events of the kind crossed and --watch <label=p> belong together, one is missing');
  }
  return watch.map((text) => {
    const equals = text.lastIndexOf('=');
    const label = text.slice(0, Math.max(0, equals));
    const up = equals < 0 || text.slice(equals + 1).trim() === '' ? Number.NaN : Number(text.slice(equals + 1));
    if (!(up > 0 && up <= 1)) {
      throw new ResedgeError('usage', `--watch: expected label=p with p above 0, at most 1, received ${text}`);
    }
    const index = labels.indexOf(label);
    if (index === -1) throw new ResedgeError('usage', `--watch: expected a label of the model, received ${label}`);
    return { index, up, down: lowerThreshold(up, hysteresis) };
  });
}
