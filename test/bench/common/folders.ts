import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { measure } from './process.ts';
import { say } from './report.ts';

export const ROOT: string = resolve(import.meta.dirname, '../../..');

/** Files that the benches make and use again. */
export const WORK: string = join(ROOT, '.cache/bench');

/** The folder of weights and pictures that are not part of the repository. */
export const DATA: string = resolve(process.env['RESEDGE_DATA'] ?? join(ROOT, '../shared/data'));

/** A path in the folder of made files, which is there after the call. */
export function workPath(name: string): string {
  mkdirSync(WORK, { recursive: true });
  return join(WORK, name);
}

/**
 * CIFAR-10 as `test` or `train` of class folders of JPEGs: from the folder that RESEDGE_CIFAR10 names, else unpacked into
 * .cache/cifar10 on first use.
 */
export async function cifar10(part: 'test' | 'train'): Promise<string> {
  const given = process.env['RESEDGE_CIFAR10'];
  if (given !== undefined) return join(given, part);
  const folder = join(ROOT, '.cache/cifar10');
  const unpacked = join(folder, part);
  if (existsSync(unpacked)) return unpacked;
  const archive = join(DATA, 'cifar10-jpeg', `${part}.tar.xz`);
  if (!existsSync(archive))
    throw new Error(`expected ${archive}: set RESEDGE_DATA, or RESEDGE_CIFAR10 to the pictures`);
  say(`unpacking ${archive}`);
  mkdirSync(folder, { recursive: true });
  await measure('tar', ['-xJf', archive, '-C', folder]);
  return unpacked;
}
