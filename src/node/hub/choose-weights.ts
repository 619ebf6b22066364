import { ResedgeError } from '../../errors.ts';

/**
 * Names of weights, the first ones preferred: safetensors, whole or by an index of its parts; a TensorFlow.js model, whose shards look
 * like weights; then what runs no code either but takes longer to read.
 */
const PREFERRED: readonly RegExp[] = [
  /^model\.safetensors$/,
  /^[^/]+\.safetensors\.index\.json$/,
  /^[^/]+\.safetensors$/,
  /^model\.json$/,
  /^pytorch_model\.bin$/,
  /^[^/]+\.(pth|pt|th|bin|ckpt)$/,
  /^(onnx\/)?model\.onnx$/,
  /^[^/]+\.onnx$/,
];
/** One of several parts, as in `model-00001-of-00004.safetensors`. */
const PART = /-\d{5}-of-\d{5}\./;
const LISTED = 6;

/** The file of weights among the names in a folder or repository. Throws `input` where there is none or no telling which. */
export function chooseWeights(where: string, names: readonly string[]): string {
  for (const pattern of PREFERRED) {
    const found = names.filter((name) => pattern.test(name));
    const [only, another] = found;
    if (only === undefined) continue;
    if (PART.test(only)) {
      throw new ResedgeError('input', `${where}: expected weights in one file, found ${only}: save the model in one`);
    }
    if (another === undefined) return only;
    const shown = found.slice(0, LISTED).join(', ');
    throw new ResedgeError('input', `${where}: expected one file of weights, found ${shown}: name one of them`);
  }
  const shown = names.slice(0, LISTED).join(', ') || 'nothing';
  throw new ResedgeError(
    'input',
    `${where}: expected weights (.safetensors, .bin, .pth, .onnx or model.json), found ${shown}`,
  );
}
