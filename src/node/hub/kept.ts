import { statSync } from 'node:fs';
import { ResedgeError } from '../../errors.ts';
import { eachChunk } from '../cache/digest.ts';
import { reasonOf } from '../files.ts';
import { mismatch, startDigest } from './check.ts';
import type { PulledFile, RemoteFile } from './types.ts';

/** The file at `path` if it is what it has to be; `other` if another file has its place; undefined if none. Throws `io`. */
export function keptFile({ check, bytes }: RemoteFile, path: string): PulledFile | 'other' | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    if (!stats.isFile() || (bytes !== undefined && stats.size !== bytes)) return 'other';
    const digest = startDigest(check, stats.size);
    eachChunk(path, digest.update);
    const digests = digest.finish();
    if (mismatch(check, digests) !== undefined) return 'other';
    return { path, bytes: stats.size, sha256: digests.sha256, check, kept: true };
  } catch (error) {
    throw new ResedgeError('io', `${path}: could not be read, ${reasonOf(error)}`, { cause: error });
  }
}
