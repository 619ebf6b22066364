import { ResedgeError } from '../../src/errors.ts';
import { decodeLatin1 } from './bytes.ts';
import { looksLike } from './describe.ts';

/** How a weight file is packed. */
export type Container = 'safetensors' | 'zip' | 'pickle';

const PICKLE_PROTOCOL = 0x80;
/** A pickle of the old text protocol that opens by naming a global: `c<module>\n<name>\n`. */
const TEXT_GLOBAL = /^[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n/;
const TEXT_GLOBAL_BYTES = 512;

/** The container, found from the bytes alone; throws `input`, saying what the file looks like, where it is none of these. */
export function detectContainer(bytes: Uint8Array): Container {
  if (bytes.length === 0) {
    throw new ResedgeError('input', 'expected a weight file, received an empty one: download or save it again');
  }
  if (startsWith(bytes, 'PK\x03\x04') || startsWith(bytes, 'PK\x05\x06')) return 'zip';
  if (isSafetensors(bytes)) return 'safetensors';
  if (bytes[0] === PICKLE_PROTOCOL) return 'pickle';
  if (TEXT_GLOBAL.test(decodeLatin1(bytes.subarray(0, TEXT_GLOBAL_BYTES)))) return 'pickle';
  throw new ResedgeError(
    'input',
    `expected trained weights (safetensors or torch.save) or a model (ONNX, Keras, TensorFlow.js, TFLite), received a file that looks like ${looksLike(bytes)}`,
  );
}

function startsWith(bytes: Uint8Array, mark: string): boolean {
  return decodeLatin1(bytes.subarray(0, mark.length)) === mark;
}

/**
 * Eight bytes of length, of which at least one is no text, then the brace that opens the header. A length whose lowest byte
 * opens a pickle is believed below 2^40 only.
 */
function isSafetensors(bytes: Uint8Array): boolean {
  const length = bytes.subarray(0, 8);
  if (bytes[8] !== 0x7b || !length.some((byte) => byte < 9 || byte > 126)) return false;
  return length[0] !== PICKLE_PROTOCOL || length.subarray(5).every((byte) => byte === 0);
}
