import { setTimeout as sleep } from 'node:timers/promises';
import type { Classifier } from '../../pipeline/classify.ts';
import { type StreamOptions, streamAnswers } from '../../pipeline/classify-stream.ts';
import type { FrameSource, StreamAnswer } from '../../pipeline/types.ts';
import { type CameraOptions, openCamera } from './open-camera.ts';

/**
 * Classifies the newest frames of a camera, stream, video, folder of pictures or `test`, named as `resedge camera` takes it, or of an opened
 * source. Ends with the source, with the signal, or when the loop is left, and then lets go of the source; the model stays open.
 */
export async function* classifyStream(
  source: string | FrameSource,
  model: Classifier,
  options: StreamOptions & CameraOptions = {},
): AsyncGenerator<StreamAnswer, void, undefined> {
  const opened = typeof source === 'string' ? await openCamera(source, options) : source;
  yield* streamAnswers(opened, model, options, {
    now: () => performance.now(),
    origin: performance.timeOrigin,
    sleep: (ms) => sleep(ms),
  });
}
