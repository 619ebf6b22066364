import type { RawPicture } from '../image/frame.ts';
import type { Guess } from '../runtime/answer.ts';

export type { PixelFormat } from '../image/frame.ts';

/** A picture as a camera or decoder hands it over. */
export type Frame = RawPicture & {
  /** Counts every frame of the source from 0, the dropped ones included. */
  readonly index: number;
  /** When its last byte arrived, in milliseconds on the clock of `performance.now()`. */
  readonly arrivedMs: number;
};

export type SourceCounts = {
  readonly captured: number;
  /** Frames that a newer one replaced before anybody took them. */
  readonly dropped: number;
  readonly reconnects: number;
};

/** Where frames come from, of which the newest counts. */
export type FrameSource = {
  /**
   * The newest frame that has not been handed out; waits for one. Its memory holds until the next call. Undefined when the source has
   * ended or is closed; rejects when it fails.
   */
  readonly next: () => Promise<Frame | undefined>;
  /** Whether a frame newer than the last one handed out is there. */
  readonly hasNewer: () => boolean;
  readonly counts: () => SourceCounts;
  /** Lets go of the camera; a `next` that waits gets undefined. */
  readonly close: () => Promise<void>;
};

/** What the model said of one frame. */
export type StreamAnswer = {
  readonly frame: number;
  /** Milliseconds since 1970 at which the frame arrived. */
  readonly at: number;
  /** One for each class, in [0, 1]. */
  readonly probabilities: Float32Array;
  readonly top: readonly Guess[];
  /** Milliseconds; `total` runs from the frame's last byte to the answer. */
  readonly ms: { readonly prepare: number; readonly infer: number; readonly total: number };
  /** Frames so far that got no answer, because newer ones came first. */
  readonly dropped: number;
};
