import { asStrings, parseJson } from '../../src/onnx/check.ts';
import { METADATA_KEYS } from '../../src/onnx/metadata.ts';
import { formatPreprocessing, parsePreprocessing } from '../../src/onnx/preprocessing.ts';
import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { SourceFacts } from './source-config.ts';

const { labels: LABELS, preprocessing: PREPROCESSING } = METADATA_KEYS;

/** What trained weights say of themselves in the metadata of their safetensors file. */
export function trainedMetadata(
  labels: readonly string[],
  preprocessing: Preprocessing,
): readonly (readonly [string, string])[] {
  return [
    ['format', 'pt'],
    [LABELS, JSON.stringify(labels)],
    [PREPROCESSING, formatPreprocessing(preprocessing)],
  ];
}

/** Reads what {@link trainedMetadata} wrote; undefined where nothing of it is there. Throws `input` where it is malformed. */
export function trainedFacts(metadata: ReadonlyMap<string, string> | undefined): SourceFacts | undefined {
  const labels = metadata?.get(LABELS);
  const preprocessing = metadata?.get(PREPROCESSING);
  if (labels === undefined || preprocessing === undefined) return undefined;
  // How the values come in is for the user of a converted file to choose.
  const { input: _, layout: __, ...seen } = parsePreprocessing(PREPROCESSING, preprocessing);
  return { hints: {}, preprocessing: seen, labels: asStrings(LABELS, parseJson(LABELS, labels)), warnings: [] };
}
