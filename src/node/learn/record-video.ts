import { type FrameShape, planesOf } from '../../image/frame.ts';
import type { Pixels } from '../../image/pixels.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { noFrames } from '../camera/explain.ts';
import type { CommandPlan } from '../camera/protocol.ts';
import { runCommand } from '../camera/run-command.ts';
import { exampleOfPixels } from './example.ts';
import { framePixels } from './frame-pixels.ts';
import { type Recording, shortfallOf, type Wish } from './record.ts';

/** A frame that was looked at, by its place in the video. */
type Seen = { readonly place: number; readonly pixels: Pixels };

/**
 * Records `count` frames of a video, spread over all of it and the same ones every time, as examples of class `index`. A video of
 * fewer frames, or one that is damaged further on, has those that it gave come back, with a line that says so; one without a frame
 * throws `io`.
 */
export async function recordVideo(
  plan: CommandPlan,
  wish: Omit<Wish, 'everyMs'>,
  preprocessing: Preprocessing,
  onFrame: (done: number) => void,
  signal?: AbortSignal,
): Promise<Recording> {
  const { name, count, index } = wish;
  const seen = spread(count, preprocessing, onFrame);
  const running = runCommand(plan, seen.store);
  signal?.addEventListener('abort', running.stop, { once: true });
  const { well, why } = await running.ended;
  signal?.removeEventListener('abort', running.stop);
  const frames = seen.frames();
  const examples = frames.map(({ place, pixels }) => exampleOfPixels(`${name} frame ${place}`, index, pixels));
  if (signal?.aborted) return { examples, shortfall: shortfallOf(wish, examples, 'stopped') };
  if (examples.length === 0) throw noFrames(name, why);
  if (!well) return { examples, shortfall: shortfallOf(wish, examples, `it failed (${why})`) };
  return examples.length < count ? { examples, shortfall: shortfallOf(wish, examples, 'it ended') } : { examples };
}

/**
 * Keeps every so manyth frame of a stream of unknown length: every second one of the kept is let go, and so many more are passed over,
 * whenever there are twice as many as are wanted.
 */
function spread(count: number, preprocessing: Preprocessing, onFrame: (done: number) => void) {
  const pixelsOf = framePixels(preprocessing);
  let room = new Uint8Array(0);
  let step = 1;
  let place = 0;
  let kept: Seen[] = [];
  const done = (shape: FrameShape): void => {
    if (place % step === 0) {
      kept.push({ place, pixels: pixelsOf({ ...shape, data: room.subarray(0, planesOf(shape).bytes) }) });
      if (kept.length === 2 * count) {
        kept = kept.filter((_, i) => i % 2 === 0);
        step *= 2;
      }
    }
    place++;
    onFrame(place);
  };
  return {
    store: {
      room: (shape: FrameShape): Uint8Array => {
        const { bytes } = planesOf(shape);
        if (room.length < bytes) room = new Uint8Array(bytes);
        return room;
      },
      done,
      count: () => place,
    },
    /** Up to `count` of the kept ones, those from the middles of as many parts. */
    frames: (): readonly Seen[] =>
      kept.length <= count
        ? kept
        : Array.from({ length: count }, (_, i) => kept[Math.floor(((i + 0.5) * kept.length) / count)]!),
  };
}
