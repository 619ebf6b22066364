import type { Pixels } from '../../image/pixels.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { sha256Hex } from '../cache/digest.ts';
import { decode } from '../image/decode.ts';
import { namedError, readPictureFile } from '../image/read-picture.ts';
import type { LabelledPicture } from '../model/class-folders.ts';

/** A picture that shows a class. */
export type Example = {
  readonly name: string;
  /** Its class. */
  readonly index: number;
  /** Its content by hash, and what the model sees of it. Throws one line that names the picture. */
  readonly open: () => { readonly hash: string; readonly pixels: () => Promise<Pixels> };
};

export function exampleOfFile({ path, index }: LabelledPicture, preprocessing: Preprocessing): Example {
  return {
    name: path,
    index,
    open: () => {
      const bytes = readPictureFile(path);
      const pixels = async (): Promise<Pixels> => {
        try {
          return await decode(bytes, preprocessing);
        } catch (error) {
          throw namedError(path, error);
        }
      };
      return { hash: sha256Hex(bytes), pixels };
    },
  };
}

/** A picture that is in memory: `pixels` of the model's input size. */
export function exampleOfPixels(name: string, index: number, pixels: Pixels): Example {
  return { name, index, open: () => ({ hash: sha256Hex(pixels.data), pixels: () => Promise.resolve(pixels) }) };
}
