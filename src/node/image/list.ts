import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { ResedgeError } from '../../errors.ts';

const EXTENSIONS: ReadonlySet<string> = new Set(
  ['jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'avif', 'gif', 'tif', 'tiff', 'svg'].map((name) => `.${name}`),
);

/**
 * The pictures under `paths`, sorted by the bytes of their paths, each once. Folders are searched with everything below them, by extension,
 * hidden entries left out; a file that is named itself is taken as it is. Throws code `io` for a path that does not exist.
 */
export async function listPictures(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    const stats = inspect(path);
    if (stats === undefined) throw new ResedgeError('io', `${path}: no such file or folder`);
    if (stats.isDirectory()) search(path, [], found);
    else found.add(path);
  }
  return [...found]
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path);
}

/** `above` holds the real paths of the folders on the way down: a link back to one of them is not followed. */
function search(folder: string, above: readonly string[], found: Set<string>): void {
  const way = [...above, realpathSync(folder)];
  for (const entry of entries(folder)) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const stats = entry.isSymbolicLink() ? inspect(path) : entry;
    if (stats?.isDirectory()) {
      if (!entry.isSymbolicLink() || !way.includes(realpathSync(path))) search(path, way, found);
    } else if (EXTENSIONS.has(extname(entry.name).toLowerCase())) {
      found.add(path);
    }
  }
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    throw new ResedgeError('io', `${folder}: the folder cannot be read`, { cause });
  }
}

/** Undefined when nothing is there, or a link leads nowhere. */
function inspect(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
