import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { cacheFolder, cachePath } from '../cache-folder.ts';
import { readText } from '../files.ts';
import { writeWhole } from '../write-whole.ts';
import type { Transfer } from './download.ts';
import { fetchText } from './fetch-text.ts';
import { descriptionOf, listHuggingFace } from './huggingface.ts';
import type { HubSettings } from './settings.ts';
import { shownAddress } from './source.ts';
import { listTorchvision } from './torchvision.ts';
import type { Listing, RemoteFile, Source } from './types.ts';

/** Where pulled files lie in the cache. */
export const HUB = 'hub';
/** The last part of an address that can name a file. */
const FILE_NAME = /^[A-Za-z0-9_][\w.+-]{0,199}$/;

/** The files of a source. Hugging Face is asked; offline, what it said the last time holds. Throws `io`, `input` or `usage`. */
export async function listFiles(source: Source, settings: HubSettings, transfer: Transfer): Promise<Listing> {
  switch (source.kind) {
    case 'torchvision':
      return listTorchvision(source, settings);
    case 'url':
      return listAddress(source);
    case 'huggingface':
      return listHuggingFace(source, await describe(source, settings, transfer), settings);
  }
}

function listAddress({ url, sha256 }: Extract<Source, { readonly kind: 'url' }>): Listing {
  const name = url.pathname.split('/').at(-1) ?? '';
  if (!FILE_NAME.test(name)) {
    throw new ResedgeError('usage', `expected an address that ends with a file's name, received ${shownAddress(url)}`);
  }
  const place = createHash('sha256').update(url.href).digest('hex').slice(0, 16);
  const check = sha256 === undefined ? ({ kind: 'none' } as const) : ({ kind: 'sha256', hex: sha256 } as const);
  return { place: `address/${place}`, files: [{ name, url, check }], beside: (other) => neighbour(url, other) };
}

/** A file in the folder of an address, asked for with the same query: it may hold what allows that. */
function neighbour(url: URL, name: string): RemoteFile {
  const other = new URL(name, url);
  other.search = url.search;
  return { name, url: other, check: { kind: 'none' } };
}

async function describe(
  source: Extract<Source, { readonly kind: 'huggingface' }>,
  settings: HubSettings,
  { dispatcher, patience }: Transfer,
): Promise<string> {
  const { owner, name, revision } = source;
  const record = join('huggingface', owner, name, `${revision.replaceAll('/', '--')}.json`);
  if (settings.offline) {
    const path = cachePath(HUB);
    if (path === undefined || !existsSync(join(path, record))) throw notKept(`hf:${owner}/${name}`);
    return readText(join(path, record), 'what the hub said of a model');
  }
  const { authorization } = settings;
  const url = descriptionOf(source, settings);
  const text = await fetchText(`hf:${owner}/${name} at ${url.host}`, url, {
    ...(authorization ? { authorization } : {}),
    dispatcher,
    patience,
  });
  const folder = cacheFolder(HUB);
  if (folder.kind === 'folder') writeWhole(join(folder.path, record), [new TextEncoder().encode(text)]);
  return text;
}

export function notKept(what: string): ResedgeError {
  return new ResedgeError('io', `${what}: expected it pulled already, there is none: pull it once without --offline`);
}
