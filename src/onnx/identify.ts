import { isResedgeError, ResedgeError } from '../errors.ts';
import { readHeader } from './header.ts';
import { decodeMetadata, type ModelMetadata } from './metadata.ts';
import { looksLikeOnnx } from './recognise.ts';

/** What the model file called `name` says of itself. Throws `input`, prefixed with the name, for one that `convert` did not make. */
export function identify(name: string, bytes: Uint8Array): ModelMetadata {
  if (!looksLikeOnnx(bytes)) {
    throw new ResedgeError(
      'input',
      `${name}: expected an ONNX model, found a file of another kind; weights become one with: resedge convert <weights> -o <model.onnx>`,
    );
  }
  try {
    return decodeMetadata(readHeader(bytes).metadata);
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    throw new ResedgeError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}
