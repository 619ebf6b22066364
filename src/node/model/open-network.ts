import { readKeras } from '../../../converter/keras-network.ts';
import { type Network, readNetwork } from '../../../converter/network.ts';
import { readOnnx } from '../../../converter/onnx-network.ts';
import { ResedgeError } from '../../errors.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import { looksLikeKeras, readKerasFile } from '../formats/keras.ts';
import { factsBeside, withFacts } from '../hub/beside.ts';
import { about, aboutAsync } from './about.ts';
import { externalData } from './external-data.ts';

/** The network in a source file's bytes: an ONNX or Keras model, or weights whose family is found or stated as `arch`. */
export async function openNetwork(path: string, bytes: Uint8Array, sha256: string, arch: string): Promise<Network> {
  const stated = factsBeside(path, sha256);
  if (looksLikeKeras(path, bytes)) {
    if (arch !== 'auto') throw statesItself(path, 'a Keras model');
    return await aboutAsync(path, async () => withFacts(readKeras(await readKerasFile(bytes)), stated));
  }
  if (!looksLikeOnnx(bytes) && !path.toLowerCase().endsWith('.onnx')) {
    return about(path, () => readNetwork(bytes, arch, stated));
  }
  if (arch !== 'auto') throw statesItself(path, 'an ONNX model');
  return about(path, () => withFacts(readOnnx(bytes, externalData(path)), stated));
}

function statesItself(path: string, what: string): ResedgeError {
  return new ResedgeError('usage', `--arch belongs to weights: ${path} is ${what}, which says what its network is`);
}
