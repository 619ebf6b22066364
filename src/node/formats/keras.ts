import { isJson } from '../../../converter/json.ts';
import type { Hdf5 } from '../../../converter/keras/types.ts';
import type { KerasFile } from '../../../converter/keras-network.ts';
import { decodeUtf8 } from '../../../converter/weights/bytes.ts';
import { readZip } from '../../../converter/weights/zip.ts';
import { ResedgeError } from '../../errors.ts';
import { looksLikeHdf5, readHdf5 } from './hdf5.ts';

const WEIGHTS = 'model.weights.h5';

/** True for what Keras saves: an HDF5 file, or a `.keras` archive of a config and one. */
export function looksLikeKeras(path: string, bytes: Uint8Array): boolean {
  if (looksLikeHdf5(bytes) || /\.(h5|hdf5|keras)$/i.test(path)) return true;
  return (
    looksLikeZip(bytes) && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(WEIGHTS, -DIRECTORY_BYTES)
  );
}

function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b;
}

/** Where the names of a small archive stand: at its end. */
const DIRECTORY_BYTES = 4096;

/** What the file holds, its HDF5 part read by `read`. Throws `input`, `unsupported` or `limit` for one that is damaged or something else. */
export async function readKerasFile(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Promise<Hdf5> = readHdf5,
): Promise<KerasFile> {
  if (looksLikeHdf5(bytes)) return { format: 'keras-h5', file: await read(bytes) };
  if (!looksLikeZip(bytes))
    throw new ResedgeError(
      'input',
      'expected a Keras model, an HDF5 file or a .keras archive, received neither: download or save it again',
    );
  const entries = readZip(bytes);
  const config = entries.get('config.json');
  const weights = entries.get(WEIGHTS);
  if (config === undefined || weights === undefined) {
    const missing = config === undefined ? 'config.json' : WEIGHTS;
    throw new ResedgeError(
      'input',
      `expected config.json and ${WEIGHTS} in a Keras archive, ${missing} is missing: save it again`,
    );
  }
  return {
    format: 'keras',
    file: await read(weights),
    config: decodeUtf8(config, 'config.json'),
    version: versionIn(entries.get('metadata.json')),
  };
}

/** Says nothing where it is no such file; then Keras 3 is taken, the first that wrote archives. */
function versionIn(metadata: Uint8Array | undefined): string {
  try {
    const parsed: unknown = JSON.parse(decodeUtf8(metadata ?? new Uint8Array(), 'metadata.json'));
    if (isJson(parsed) && typeof parsed['keras_version'] === 'string') return parsed['keras_version'];
  } catch {}
  return '3';
}
