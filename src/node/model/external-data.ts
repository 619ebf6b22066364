import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import type { ExternalData } from '../../onnx/read.ts';
import { readBytes } from '../files.ts';

const WANTED = "a file of the model's weights";

/**
 * Hands out data that an ONNX model keeps in files beside itself; each file is read once. Throws `input` for a path that leaves the
 * model's folder, links followed, or data past the file's end.
 */
export function externalData(model: string): (data: ExternalData) => Uint8Array {
  const files = new Map<string, Uint8Array>();
  return ({ location, offset, length }) => {
    const bytes = files.get(location) ?? readBeside(model, location, 'external data');
    files.set(location, bytes);
    if (offset + length > bytes.length) {
      throw new ResedgeError(
        'input',
        `expected ${length} bytes at ${offset} of ${location}, the file has ${bytes.length}: it is cut short, or another model's`,
      );
    }
    return bytes.subarray(offset, offset + length);
  };
}

/** A file of weights in a model's folder; `what` says in errors what it is. Throws `input` for a path that leaves it, links followed. */
export function readBeside(model: string, location: string, what: string): Uint8Array {
  return readBytes(inside(model, location, what), WANTED);
}

function inside(model: string, location: string, what: string): string {
  const folder = dirname(resolve(model));
  const path = resolve(folder, location);
  if (location === '' || isAbsolute(location) || /^[A-Za-z]:/.test(location) || leaves(folder, path)) {
    throw outside(model, location, what);
  }
  try {
    if (leaves(realpathSync(folder), realpathSync(path))) throw outside(model, location, what);
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    // Not there: reading it says so.
  }
  return path;
}

function leaves(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function outside(model: string, location: string, what: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected ${what} inside the folder of ${model}, received the path ${JSON.stringify(location).slice(0, 120)}: save the model again with its files beside it`,
  );
}
