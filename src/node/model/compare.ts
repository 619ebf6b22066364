import { compareModels } from '../../../converter/compare-models.ts';
import type { LayerFidelity } from '../../../converter/quantize/compare.ts';
import { ResedgeError } from '../../errors.ts';
import { geometryText, seesAlike } from '../../image/fit.ts';
import { toInput } from '../../image/to-input.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { identify } from '../../onnx/identify.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import type { Model } from '../../onnx/schema.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { runModel } from '../backend/runner.ts';
import { readBytes } from '../files.ts';
import { listPictures } from '../image/list.ts';
import { about } from './about.ts';
import { decodeAll } from './pictures.ts';
import { sample } from './sample.ts';

const SEED = 0;

export type ComparedFiles = {
  readonly layers: readonly LayerFidelity[];
  readonly pictures: number;
  readonly skipped: readonly string[];
};

/** Compares two model files layer by layer on a seeded sample of a folder's pictures. */
export async function compareFiles(
  reference: string,
  other: string,
  folder: string,
  count: number,
): Promise<ComparedFiles> {
  const [a, b] = [readModel(reference), readModel(other)];
  const [first, second] = [a.preprocessing, b.preprocessing];
  if (!seesAlike(first, second)) {
    throw new ResedgeError(
      'input',
      `expected two models that see a picture alike, found ${geometryText(first)} and ${geometryText(second)}`,
    );
  }
  const chosen = sample(await listPictures([folder]), count, SEED);
  if (chosen.length === 0) throw new ResedgeError('input', `${folder}: expected pictures, found none`);
  const skipped: string[] = [];
  const inputs = inputsOf(chosen, first, second, skipped);
  const layers = await compareModels(a.model, b.model, inputs, runModel);
  return { layers, pictures: chosen.length - skipped.length, skipped };
}

function readModel(path: string): { readonly model: Model; readonly preprocessing: Preprocessing } {
  const bytes = readBytes(path, 'an ONNX model');
  expectNotOrt(path, bytes);
  const { preprocessing } = identify(path, bytes);
  return { model: about(path, () => decodeModel(bytes)), preprocessing };
}

async function* inputsOf(
  paths: readonly string[],
  first: Preprocessing,
  second: Preprocessing,
  skipped: string[],
): AsyncGenerator<readonly [Tensor, Tensor]> {
  for await (const decoded of decodeAll(paths, (path) => path, first)) {
    if (decoded.kind === 'pixels') yield [toInput(decoded.pixels, first), toInput(decoded.pixels, second)];
    else skipped.push(decoded.message);
  }
}
