import { readKeras } from '../../../converter/keras-network.ts';
import { type Network, readNetwork, type WeightsNetwork } from '../../../converter/network.ts';
import { readOnnx } from '../../../converter/onnx-network.ts';
import type { SourceFacts } from '../../../converter/resnet/source-config.ts';
import { looksLikeTflite } from '../../../converter/tflite/model.ts';
import { readTflite } from '../../../converter/tflite-network.ts';
import { ResedgeError } from '../../errors.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import { looksLikeKeras, readKerasFile } from '../formats/keras.ts';
import { looksLikeTfjs, readTfjsFile } from '../formats/tfjs.ts';
import { factsBeside, withFacts } from '../hub/beside.ts';
import { about, aboutAsync } from './about.ts';
import { externalData, readBeside } from './external-data.ts';

/** A kind of file that holds a whole model, which says itself what its network is. */
type ModelFormat = {
  /** For people. */
  readonly what: string;
  readonly recognises: (path: string, bytes: Uint8Array) => boolean;
  /** Throws `input`, `unsupported` or `limit` naming what is at fault. */
  readonly read: (path: string, bytes: Uint8Array) => Network | Promise<Network>;
};

/** The first that recognises a file has it. */
const FORMATS: readonly ModelFormat[] = [
  {
    what: 'a Keras model',
    recognises: looksLikeKeras,
    read: async (_, bytes) => readKeras(await readKerasFile(bytes)),
  },
  { what: 'a TensorFlow.js model', recognises: (_, bytes) => looksLikeTfjs(bytes), read: readTfjsFile },
  {
    what: 'a TFLite model',
    recognises: (path, bytes) => looksLikeTflite(bytes) || path.toLowerCase().endsWith('.tflite'),
    read: (_, bytes) => readTflite(bytes),
  },
  {
    what: 'an ONNX model',
    recognises: (path, bytes) => looksLikeOnnx(bytes) || path.toLowerCase().endsWith('.onnx'),
    read: (path, bytes) => readOnnx(bytes, externalData(path)),
  },
];

/** The network in a source file's bytes: a whole model, or weights whose family is found or stated as `arch`. */
export async function openNetwork(path: string, bytes: Uint8Array, sha256: string, arch: string): Promise<Network> {
  expectNotOrt(path, bytes);
  const stated = factsBeside(path, sha256);
  const format = formatOf(path, bytes);
  if (format === undefined) return readWeightsFile(path, bytes, arch, stated);
  if (arch !== 'auto') throw statesItself(path, format.what);
  return await aboutAsync(path, async () => withFacts(await format.read(path, bytes), stated));
}

/** The network of weights alone, whose shards lie beside their index. Throws `input`, prefixed with the path. */
export function readWeightsFile(path: string, bytes: Uint8Array, arch: string, stated?: SourceFacts): WeightsNetwork {
  return about(path, () => readNetwork(bytes, arch, stated, (shard) => readBeside(path, shard, 'shards')));
}

/** Undefined for weights alone. */
export function formatOf(path: string, bytes: Uint8Array): ModelFormat | undefined {
  return FORMATS.find(({ recognises }) => recognises(path, bytes));
}

function statesItself(path: string, what: string): ResedgeError {
  return new ResedgeError('usage', `--arch belongs to weights: ${path} is ${what}, which says what its network is`);
}
