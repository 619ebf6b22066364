import { isResedgeError, type ResedgeError } from '../../errors.ts';
import { type Classified, classifyPicture } from '../../pipeline/classify.ts';
import { readPicture } from '../image/read-picture.ts';
import { ahead } from './ahead.ts';
import type { OpenedModel } from './open-model.ts';

/** Pictures decoded at most while others are inferred. */
const DECODED_AHEAD = 4;

/** Classifies one picture, given as a path or as a file's bytes; `top` classes come back, the likeliest first. */
export function classify(model: OpenedModel, picture: string | Uint8Array, top: number): Promise<Classified> {
  const { preprocessing } = model.metadata;
  return classifyPicture(
    model,
    () => readPicture(picture, preprocessing),
    top,
    () => performance.now(),
  );
}

/**
 * Classifies pictures in their order, the next ones decoded while others are inferred. One that cannot be used gives its error, which keeps
 * no other from being classified; code `internal` is thrown.
 */
export function classifyAll(
  model: OpenedModel,
  pictures: readonly string[],
  top: number,
): AsyncGenerator<{ readonly picture: string; readonly result: Classified | ResedgeError }, void, undefined> {
  return ahead(pictures, model.atOnce + DECODED_AHEAD, async (picture) => {
    const result = await classify(model, picture, top).catch((error: unknown) => {
      if (isResedgeError(error) && error.code !== 'internal') return error;
      throw error;
    });
    return { picture, result };
  });
}
