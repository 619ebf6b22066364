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
  const folder = dirname(resolve(model));
  const files = new Map<string, Uint8Array>();
  return ({ location, offset, length }) => {
    const bytes = files.get(location) ?? readBytes(inside(model, folder, location), WANTED);
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

function inside(model: string, folder: string, location: string): string {
  const path = resolve(folder, location);
  if (location === '' || isAbsolute(location) || /^[A-Za-z]:/.test(location) || leaves(folder, path)) {
    throw outside(model, location);
  }
  try {
    if (leaves(realpathSync(folder), realpathSync(path))) throw outside(model, location);
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

function outside(model: string, location: string): ResedgeError {
  return new ResedgeError(
    'input',
    `expected external data inside the folder of ${model}, received the path ${JSON.stringify(location).slice(0, 120)}: save the model as one file`,
  );
}
