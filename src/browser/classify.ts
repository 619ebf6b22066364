import { type Classified, classifyPicture } from '../pipeline/classify.ts';
import type { OpenedModel } from './open-model.ts';
import { type Picture, readPicture } from './read-picture.ts';

/** Classifies one picture; `top` classes come back, the likeliest first. */
export function classify(model: OpenedModel, picture: Picture, top: number): Promise<Classified> {
  const { preprocessing } = model.metadata;
  return classifyPicture(
    model,
    () => readPicture(picture, preprocessing),
    top,
    () => performance.now(),
  );
}
