import { STEADY } from '../../pipeline/answers/defaults.ts';
import { type SteadyAnswer, steadier } from '../../pipeline/answers/steady.ts';
import type { Classifier } from '../../pipeline/classify.ts';
import { classifyStream } from '../classify-stream.ts';
import type { FrameSource, StreamAnswer } from '../index.ts';

export const TOP = 5;

/** Classifies what the camera sees until `stop`, which resolves once the last frame is done. The camera stays open. */
export function watch(
  camera: FrameSource,
  classifier: Classifier,
  onAnswer: (steady: SteadyAnswer, answer: StreamAnswer) => void,
  onEnd: (error: unknown) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  const steady = steadier({ ...STEADY, labels: classifier.metadata.labels });
  const source: FrameSource = { ...camera, close: async () => undefined };
  const run = async (): Promise<void> => {
    for await (const answer of classifyStream(source, classifier, { top: TOP, signal: stopping.signal }))
      onAnswer(steady(answer), answer);
  };
  const ended = run().catch((error) => {
    if (!stopping.signal.aborted) onEnd(error);
  });
  return async () => {
    stopping.abort();
    await ended;
  };
}
