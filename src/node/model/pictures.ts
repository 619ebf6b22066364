import { isResedgeError } from '../../errors.ts';
import type { Pixels } from '../../image/pixels.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { readPicture } from '../image/read-picture.ts';
import { ahead } from './ahead.ts';

/** Decodes under way at once; more gain nothing (measured with test/bench/decode.ts). */
const IN_FLIGHT = 8;

export type Decoded<T> =
  | { readonly kind: 'pixels'; readonly item: T; readonly pixels: Pixels }
  | { readonly kind: 'error'; readonly item: T; readonly message: string };

/** Decodes the pictures of `items` in their order, several at a time; an unreadable one is handed on as an error. */
export function decodeAll<T>(
  items: readonly T[],
  pathOf: (item: T) => string,
  preprocessing: Preprocessing,
): AsyncGenerator<Decoded<T>, void, undefined> {
  return ahead(items, IN_FLIGHT, async (item): Promise<Decoded<T>> => {
    try {
      return { kind: 'pixels', item, pixels: await readPicture(pathOf(item), preprocessing) };
    } catch (error) {
      if (isResedgeError(error)) return { kind: 'error', item, message: error.message };
      throw error;
    }
  });
}
