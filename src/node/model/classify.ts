import { isResedgeError, type ResedgeError } from '../../errors.ts';
import { type Classified, classifyPicture } from '../../pipeline/classify.ts';
import { readPicture } from '../image/read-picture.ts';
import { ahead } from './ahead.ts';
import type { OpenedModel } from './open-model.ts';

/** Pictures under way at once: one is inferred, and the next ones are decoded meanwhile. */
const IN_FLIGHT = 3;

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
 * Classifies pictures in their order, the next ones decoded while one is inferred. One that cannot be used gives its error, which keeps
 * no other from being classified; code `internal` is thrown.
 */
export function classifyAll(
  model: OpenedModel,
  pictures: readonly string[],
  top: number,
): AsyncGenerator<{ readonly picture: string; readonly result: Classified | ResedgeError }, void, undefined> {
  return ahead(pictures, IN_FLIGHT, async (picture) => {
    const result = await classify(model, picture, top).catch((error: unknown) => {
      if (isResedgeError(error) && error.code !== 'internal') return error;
      throw error;
    });
    return { picture, result };
  });
}
