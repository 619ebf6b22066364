import { toInput } from '../../image/to-input.ts';
import { type Guess, guesses } from '../../runtime/answer.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { readPicture } from '../image/read-picture.ts';
import type { OpenedModel } from './open-model.ts';

/** Milliseconds of each step. */
export type ClassifyTimes = { readonly decode: number; readonly prepare: number; readonly infer: number };

export type Classified = { readonly top: readonly Guess[]; readonly ms: ClassifyTimes };

/** Classifies one picture, given as a path or as a file's bytes; `top` classes come back, the likeliest first. */
export async function classify(model: OpenedModel, picture: string | Uint8Array, top: number): Promise<Classified> {
  const { metadata, session } = model;
  const started = performance.now();
  const pixels = await readPicture(picture, metadata.preprocessing);
  const decoded = performance.now();
  const input = toInput(pixels, metadata.preprocessing);
  const prepared = performance.now();
  const scores = await scoresOf(session, input);
  return {
    top: guesses(scores.data, { labels: metadata.labels, output: metadata.output, top }),
    ms: { decode: decoded - started, prepare: prepared - decoded, infer: scores.ms },
  };
}
