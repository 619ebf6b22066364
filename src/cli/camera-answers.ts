import { ResedgeError } from '../errors.ts';
import type { RawPicture } from '../image/frame.ts';
import { framePixels } from '../image/frame-pixels.ts';
import type { QueuedSink, SinkCounts } from '../node/sinks/types.ts';
import { STEADY } from '../pipeline/answers/defaults.ts';
import { EVENT_KINDS } from '../pipeline/answers/event-kinds.ts';
import { type CameraEvent, eventDetector, type Watch } from '../pipeline/answers/events.ts';
import { gateSource } from '../pipeline/answers/gate-source.ts';
import { type KeptFrames, keepFrames } from '../pipeline/answers/keep-frames.ts';
import { motionGate } from '../pipeline/answers/motion.ts';
import { regionIn } from '../pipeline/answers/region.ts';
import { lowerThreshold } from '../pipeline/answers/settle.ts';
import { type SteadyAnswer, steadier } from '../pipeline/answers/steady.ts';
import { type GatedAnswer, repeatAnswer } from '../pipeline/answers/still.ts';
import { THUMBNAIL_LENGTH, thumbnail } from '../pipeline/answers/thumbnail.ts';
import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import type { AnswerFlags } from './answer-options.ts';
import { openSinks, type SinkContext } from './camera-sinks.ts';
import { numberOf } from './options.ts';

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
  const steady = steadier({ ...flags, smoothMs: flags.smooth, leadMs: STEADY.leadMs, labels });
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
    const up = equals < 0 ? Number.NaN : numberOf(text.slice(equals + 1));
    if (!(up > 0 && up <= 1)) {
      throw new ResedgeError('usage', `--watch: expected label=p with p above 0, at most 1, received ${text}`);
    }
    const index = labels.indexOf(label);
    if (index === -1) throw new ResedgeError('usage', `--watch: expected a label of the model, received ${label}`);
    return { index, up, down: lowerThreshold(up, hysteresis) };
  });
}
