import { dirname, join } from 'node:path';
import { quote } from '../../../converter/weights/bytes.ts';
import { ResedgeError } from '../../errors.ts';
import { CACHE_VARIABLE, cacheFolder } from '../cache-folder.ts';
import { readBytes, reasonOf } from '../files.ts';
import { namedFiles } from '../formats/named-files.ts';
import { makeFolders } from '../make-folders.ts';
import { about } from '../model/about.ts';
import { expectWritable } from '../write-whole.ts';
import { download, type Transfer } from './download.ts';
import { PATIENCE, type Patience } from './insist.ts';
import { keptFile } from './kept.ts';
import { HUB, listFiles, notKept } from './list.ts';
import { openAgent } from './request.ts';
import { SAFE_NAME } from './safe-name.ts';
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
 * Fetches a source's files: the weights, what says what they are, and the files that they name. Those that are there and right are
 * not fetched again. Throws `io` where the network or the disk fails, `input` for a name that does not exist or a file that is not what it has to be.
 */
export async function pull(source: Source, options: PullOptions = {}): Promise<Pulled> {
  const settings = hubSettings(process.env, options.offline);
  const dispatcher = openAgent();
  const { onProgress, patience = PATIENCE } = options;
  const transfer: Transfer = { dispatcher, patience, ...(onProgress ? { onProgress } : {}) };
  try {
    const listing = await listFiles(source, settings, transfer);
    const folder = options.folder ?? join(cache(), listing.place);
    const weights = join(folder, listing.files[0].name);
    const files: PulledFile[] = [];
    const fetch = async (file: RemoteFile): Promise<void> => {
      files.push(await fetchFile(file, folder, options, settings.offline, transfer));
    };
    for (const file of listing.files) await fetch(file);
    for (const file of filesNamedBy(weights, listing)) await fetch(file);
    return { folder, weights, files };
  } finally {
    await dispatcher.destroy();
  }
}

/** The files that pulled weights name, where they come from. Throws `input`, prefixed with the path, for one that cannot be pulled. */
function filesNamedBy(path: string, { beside }: Listing): readonly RemoteFile[] {
  if (beside === undefined) return [];
  return about(path, () =>
    namedFiles(readBytes(path, 'trained weights')).map((name) => {
      const file = SAFE_NAME.test(name) ? beside(name) : undefined;
      if (file !== undefined) return file;
      const fault = SAFE_NAME.test(name) ? 'there is none' : 'the name leads elsewhere';
      throw new ResedgeError('input', `expected the file ${quote(name)} beside it, which it names: ${fault}`);
    }),
  );
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
