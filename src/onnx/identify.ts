import { isResedgeError, ResedgeError } from '../errors.ts';
import { readMetadata } from './header.ts';
import { decodeMetadata, type ModelMetadata } from './metadata.ts';
import { looksLikeOrt, readOrtMetadata } from './ort-format.ts';
import { looksLikeOnnx } from './recognise.ts';

/** What the model file called `name`, in ONNX's format or ONNX Runtime's, says of itself. Throws `input`, prefixed with the name, for one that `convert` did not make. */
export function identify(name: string, bytes: Uint8Array): ModelMetadata {
  const ort = looksLikeOrt(bytes);
  if (!ort && !looksLikeOnnx(bytes)) {
    throw new ResedgeError(
      'input',
      `${name}: expected an ONNX model, found a file of another kind; weights become one with: resedge convert <weights> -o <model.onnx>`,
    );
  }
  try {
    return decodeMetadata(ort ? readOrtMetadata(bytes) : readMetadata(bytes));
  } catch (error) {
    if (!isResedgeError(error)) throw error;
    throw new ResedgeError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}
