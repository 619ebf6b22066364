import { dirname, join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { CACHE_VARIABLE, cacheFolder } from '../cache-folder.ts';
import { reasonOf } from '../files.ts';
import { makeFolders } from '../make-folders.ts';
import { expectWritable } from '../write-whole.ts';
import { download, type Transfer } from './download.ts';
import { PATIENCE, type Patience } from './insist.ts';
import { keptFile } from './kept.ts';
import { HUB, listFiles, notKept } from './list.ts';
import { openAgent } from './request.ts';
import { hubSettings } from './settings.ts';
import type { Listing, OnProgress, PulledFile, RemoteFile, Source } from './types.ts';

export type PullOptions = {
  /** Where the files go; default: a folder in the cache. */
  readonly folder?: string;
  readonly offline?: boolean;
  readonly onProgress?: OnProgress;
  readonly patience?: Patience;
};

export type Pulled = {
  readonly folder: string;
  /** The path of the file that holds the weights. */
  readonly weights: string;
  readonly files: readonly PulledFile[];
};

/**
 * Fetches a source's files: the weights, and what says what they are. Those that are there and right are not fetched again. Throws `io`
 * where the network or the disk fails, `input` for a name that does not exist or a file that is not what it has to be.
 */
export async function pull(source: Source, options: PullOptions = {}): Promise<Pulled> {
  const settings = hubSettings(process.env, options.offline);
  const dispatcher = openAgent();
  const { onProgress, patience = PATIENCE } = options;
  const transfer: Transfer = { dispatcher, patience, ...(onProgress ? { onProgress } : {}) };
  try {
    const listing = await listFiles(source, settings, transfer);
    const folder = options.folder ?? join(cache(), listing.place);
    const files: PulledFile[] = [];
    for (const file of listing.files) files.push(await fetchFile(file, folder, options, settings.offline, transfer));
    return { folder, weights: weightsOf(folder, listing), files };
  } finally {
    await dispatcher.destroy();
  }
}

function weightsOf(folder: string, { files: [first] }: Listing): string {
  return join(folder, first.name);
}

async function fetchFile(
  file: RemoteFile,
  folder: string,
  options: PullOptions,
  offline: boolean,
  transfer: Transfer,
): Promise<PulledFile> {
  const path = join(folder, file.name);
  const kept = keptFile(file, path);
  if (kept !== undefined && kept !== 'other') return kept;
  if (kept === 'other' && options.folder !== undefined) {
    throw new ResedgeError('io', `${path}: expected no file or the one to be pulled, found another: move it away`);
  }
  if (offline) throw notKept(path);
  expectWritable(path, []);
  makeFolderOf(path);
  return await download(file, path, transfer);
}

function makeFolderOf(path: string): void {
  try {
    makeFolders(dirname(path));
  } catch (error) {
    throw new ResedgeError('io', `${path}: could not be written, ${reasonOf(error)}`, { cause: error });
  }
}

function cache(): string {
  const found = cacheFolder(HUB);
  if (found.kind === 'folder') return found.path;
  throw new ResedgeError(
    'io',
    `no place for pulled files: ${found.reason}; or pull into a folder with resedge pull <name> -o <folder> (see ${CACHE_VARIABLE})`,
  );
}
