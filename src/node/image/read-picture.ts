import { readFileSync, statSync } from 'node:fs';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import type { Geometry } from '../../image/fit.ts';
import type { Pixels } from '../../image/pixels.ts';
import { decode } from './decode.ts';

/** Most bytes of a picture file. */
export const MAX_PICTURE_BYTES: number = 2 ** 28;

const FORMATS = 'JPEG, PNG, WebP, AVIF, GIF, TIFF or SVG';

/**
 * What a model sees of a picture, given as a path or as the bytes of a file: `inputSize` x `inputSize` RGB. Throws one line that names
 * the picture: code `io` when it cannot be read, `limit` when it is too large, `input` when it is no picture or a damaged one.
 */
export async function readPicture(source: string | Uint8Array, geometry: Geometry): Promise<Pixels> {
  const name = typeof source === 'string' ? source : `picture of ${source.length} bytes`;
  const bytes = typeof source === 'string' ? readPictureFile(source) : source;
  if (bytes.length === 0) throw isEmpty(name);
  try {
    return await decode(bytes, geometry);
  } catch (error) {
    throw namedError(name, error);
  }
}

function isEmpty(name: string): ResedgeError {
  return new ResedgeError('input', `${name}: expected a picture, the file is empty`);
}

/**
 * The bytes of a picture file, errors as those of {@link readPicture}. Read without leaving the thread: they come sooner so than through
 * four hops over the thread pool.
 */
export function readPictureFile(path: string): Uint8Array {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) {
      throw new ResedgeError(
        'input',
        `${path}: expected a picture file, found a ${stats.isDirectory() ? 'folder' : 'special file'}`,
      );
    }
    if (stats.size > MAX_PICTURE_BYTES) {
      throw new ResedgeError(
        'limit',
        `${path}: expected at most ${MAX_PICTURE_BYTES} bytes, the file has ${stats.size}`,
      );
    }
    if (stats.size === 0) throw isEmpty(path);
    return readFileSync(path);
  } catch (cause) {
    if (isResedgeError(cause)) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const reason =
      code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'no permission to read it' : `cannot be read (${code})`;
    throw new ResedgeError('io', `${path}: ${reason}`, { cause });
  }
}

/** What a decoder said of a picture, in one line that names it. */
export function namedError(name: string, error: unknown): ResedgeError {
  if (isResedgeError(error)) return new ResedgeError(error.code, `${name}: ${error.message}`, { cause: error });
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  if (line.includes('exceeds pixel limit')) {
    return new ResedgeError('limit', `${name}: too many pixels, make it smaller`, { cause: error });
  }
  if (line.includes('unsupported image format')) {
    return new ResedgeError('input', `${name}: expected ${FORMATS}, this is something else or damaged`, {
      cause: error,
    });
  }
  const detail = line.replace(/^Input buffer has corrupt header: /, '');
  // libvips hands its words of a fault to whichever thread asks first.
  const words = detail === 'Unknown error' ? '' : ` (${detail})`;
  return new ResedgeError('input', `${name}: damaged picture${words}`, { cause: error });
}
