import type { Classifier } from '../pipeline/classify.ts';
import { type StreamOptions, streamAnswers } from '../pipeline/classify-stream.ts';
import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import { type CameraOptions, openCamera, videoSource } from './camera.ts';

/**
 * Classifies the newest frames of this browser's camera (`auto`), of a video element, or of an opened source. Ends with the source, with
 * the signal, or when the loop is left, and then lets go of the source; the model stays open.
 */
export async function* classifyStream(
  source: 'auto' | HTMLVideoElement | FrameSource,
  model: Classifier,
  options: StreamOptions & CameraOptions = {},
): AsyncGenerator<StreamAnswer, void, undefined> {
  const opened =
    source === 'auto' ? await openCamera(options) : source instanceof HTMLVideoElement ? videoSource(source) : source;
  yield* streamAnswers(opened, model, options, {
    now: () => performance.now(),
    origin: performance.timeOrigin,
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  });
}
