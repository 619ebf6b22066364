import { type Classified, classifyPicture } from '../../pipeline/classify.ts';
import { readPicture } from '../image/read-picture.ts';
import type { OpenedModel } from './open-model.ts';

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
