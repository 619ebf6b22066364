import { basename } from 'node:path';
import type { PageModel } from '../../device/page-manifest.ts';
import { ResedgeError } from '../../errors.ts';
import { identify } from '../../onnx/identify.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import { sha256Hex } from '../cache/digest.ts';
import { readBytes } from '../files.ts';

export type ReadModel = { readonly model: PageModel; readonly bytes: Uint8Array; readonly metadata: ModelMetadata };

/**
 * Reads the files of one network, one of each precision. Throws `usage` for two of one precision and for files of different weights or
 * labels, `input` for what `convert` did not make.
 */
export function readModels(paths: readonly string[]): readonly ReadModel[] {
  const read = paths.map((path) => ({ path, ...readModel(path) }));
  const [first, ...others] = read;
  for (const [i, { path, metadata }] of others.entries()) {
    const twin = read.slice(0, i + 1).find((other) => other.metadata.precision === metadata.precision);
    if (twin !== undefined)
      throw new ResedgeError(
        'usage',
        `expected one model of each precision, ${twin.path} and ${path} are both ${metadata.precision}: leave one out`,
      );
    const same = first!.metadata;
    const differing =
      metadata.source.sha256 !== same.source.sha256
        ? `comes of ${metadata.source.file}, not of ${same.source.file}, or of another version of it`
        : metadata.labels.join('\n') === same.labels.join('\n')
          ? undefined
          : 'has other labels';
    if (differing !== undefined)
      throw new ResedgeError(
        'usage',
        `expected one network in several precisions, ${path} ${differing}: convert both from the same weights, with the same labels`,
      );
  }
  return read;
}

function readModel(path: string): ReadModel {
  const bytes = readBytes(path, 'a model');
  expectNotOrt(path, bytes);
  const metadata = identify(path, bytes);
  const { precision, scheme } = metadata;
  const model = {
    path: `models/${sha256Hex(bytes)}.onnx`,
    name: basename(path),
    bytes: bytes.length,
    precision,
    scheme,
  };
  return { model, bytes, metadata };
}
