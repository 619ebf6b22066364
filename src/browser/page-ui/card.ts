import { byteSize, grouped } from '../../../converter/report/format.ts';
import type { ModelMetadata } from '../index.ts';

const MAX_LABELS = 12;
const HASH_DIGITS = 16;

/** What a model file says of itself, for people. */
export function cardFacts(
  { name, bytes }: { readonly name: string; readonly bytes: number },
  metadata: ModelMetadata,
): readonly (readonly [string, string])[] {
  const { arch, precision, scheme, labels, preprocessing, source, licence, tool } = metadata;
  const { inputSize, resize, interpolation, input } = preprocessing;
  const named = labels.slice(0, MAX_LABELS).join(', ');
  const more = labels.length > MAX_LABELS ? ', ...' : '';
  return [
    ['Network', arch],
    ['File', `${name}, ${byteSize(bytes)}`],
    ['Precision', scheme === null ? precision.toUpperCase() : `${precision.toUpperCase()}, scheme ${scheme}`],
    ['Classes', `${grouped(labels.length)}: ${named}${more}`],
    [
      'Picture',
      `shorter side ${resize}, ${interpolation}, centre ${inputSize} x ${inputSize}, ${input === 'raw' ? 'as bytes' : 'as floats'}`,
    ],
    ['Weights', `${source.file}, SHA-256 ${source.sha256.slice(0, HASH_DIGITS)}...`],
    ['Licence', licence ?? 'not stated'],
    ['Made by', tool],
  ];
}
