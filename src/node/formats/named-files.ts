import { isJson, parseJson } from '../../../converter/json.ts';
import { parseManifest } from '../../../converter/tfjs/manifest.ts';
import { decodeUtf8 } from '../../../converter/weights/bytes.ts';
import { looksLikeIndex, shardsOf } from '../../../converter/weights/safetensors-index.ts';
import { ResedgeError } from '../../errors.ts';
import { externalFiles } from '../../onnx/external-files.ts';
import { looksLikeOnnx } from '../../onnx/recognise.ts';
import { looksLikeTfjs } from './tfjs.ts';

/** Most files of one model. */
const MAX_FILES = 1000;

/**
 * The files in which the weights of a model lie beside it, as it names them, relative to its folder and each once: the shards of a
 * TensorFlow.js model and of an index of safetensors, an ONNX model's external data. None for a model in one file. Throws `input` for a
 * model that is damaged, `limit` for more than a thousand.
 */
export function namedFiles(bytes: Uint8Array): readonly string[] {
  const names = [...new Set(listed(bytes))];
  if (names.length <= MAX_FILES) return names;
  throw new ResedgeError('limit', `expected a model of at most ${MAX_FILES} files, it names ${names.length}`);
}

function listed(bytes: Uint8Array): readonly string[] {
  if (looksLikeOnnx(bytes)) return externalFiles(bytes);
  if (looksLikeTfjs(bytes)) return tfjsShards(bytes);
  return looksLikeIndex(bytes) ? shardsOf(bytes) : [];
}

/** A damaged text names none: reading it says why. */
function tfjsShards(bytes: Uint8Array): readonly string[] {
  let file: unknown;
  try {
    file = parseJson(decodeUtf8(bytes, 'model.json').replace(/^\uFEFF/, ''));
  } catch {
    return [];
  }
  return isJson(file) ? parseManifest(file['weightsManifest']).flatMap(({ paths }) => paths) : [];
}
