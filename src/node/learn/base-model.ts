import { findHead, type Head } from '../../../converter/head/find-head.ts';
import { ResedgeError } from '../../errors.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { identify } from '../../onnx/identify.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { expectNotOrt } from '../../onnx/ort-format.ts';
import type { Model } from '../../onnx/schema.ts';
import { sha256Hex } from '../cache/digest.ts';
import { readBytes } from '../files.ts';

/** A model whose head is to be replaced. */
export type BaseModel = {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly metadata: ModelMetadata;
  readonly model: Model;
  readonly head: Head;
};

/** Reads a model made by `convert`. Throws `input` for another file, `unsupported` for a model without a head that can be replaced. */
export function readBase(path: string): BaseModel {
  const bytes = readBytes(path, 'an ONNX model');
  expectNotOrt(path, bytes);
  const metadata = identify(path, bytes);
  const sha256 = sha256Hex(bytes);
  const model = decodeModel(bytes);
  try {
    return { path, bytes: bytes.length, sha256, metadata, model, head: findHead(model) };
  } catch (error) {
    if (!(error instanceof ResedgeError)) throw error;
    throw new ResedgeError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
