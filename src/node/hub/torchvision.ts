import { fileURLToPath } from 'node:url';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { readText } from '../files.ts';
import { PACKAGE_FOLDER } from '../package.ts';
import type { HubSettings } from './settings.ts';
import type { Listing, Source } from './types.ts';

type Entry = {
  readonly network: string;
  readonly version: string;
  readonly file: string;
  /** 64 hexadecimal digits, or the first 8. */
  readonly sha256: string;
  readonly resize: number;
};

type Manifest = {
  readonly source: string;
  readonly licence: string;
  readonly preprocessing: Omit<Preprocessing, 'input' | 'layout' | 'resize' | 'interpolation'>;
  readonly files: readonly Entry[];
};

/** torchvision's files, by `models/torchvision.json`. */
function manifest(): Manifest {
  const path = fileURLToPath(new URL('models/torchvision.json', PACKAGE_FOLDER));
  return JSON.parse(readText(path, "the manifest of torchvision's files"));
}

/** The file of a network, the newest version if none is named. Throws `usage` naming those that there are. */
export function listTorchvision(
  { network, version }: Extract<Source, { readonly kind: 'torchvision' }>,
  settings: Pick<HubSettings, 'torchvision'>,
): Listing {
  const { source, files } = manifest();
  const versions = files.filter((entry) => entry.network === network);
  const entry = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
  if (entry === undefined) {
    const known = [...new Set(files.map((one) => one.network))].join(', ');
    const found = versions.map((one) => one.version).join(', ');
    throw new ResedgeError(
      'usage',
      found === ''
        ? `torchvision has no ${network}: expected one of ${known}`
        : `torchvision has no ${version} of ${network}: expected one of ${found}`,
    );
  }
  const url = new URL(entry.file, settings.torchvision ?? source);
  return { place: 'torchvision', files: [{ name: entry.file, url, check: { kind: 'sha256', hex: entry.sha256 } }] };
}

/** What torchvision says of the pictures for a file of this SHA-256; undefined for a file that is not theirs. */
export function torchvisionPreset(
  sha256: string,
): { readonly preprocessing: Partial<Preprocessing> & Pick<Preprocessing, 'inputSize'> } | undefined {
  const { preprocessing, files } = manifest();
  const entry = files.find((one) => sha256.startsWith(one.sha256));
  return entry && { preprocessing: { ...preprocessing, interpolation: 'bilinear', resize: entry.resize } };
}
