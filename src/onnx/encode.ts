import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';
import { encodeGraph, pieceOf } from './encode-graph.ts';
import type { Model } from './schema.ts';
import { ENTRY, MODEL, OPSET } from './wire.ts';

const { LengthDelimited, Varint } = WireType;

/** Protobuf readers refuse larger messages. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

/**
 * Encodes a model as consecutive chunks of an ONNX file's bytes. Large initializers are chunks of their own that share the
 * tensors' memory: write the chunks before changing the tensors. The same model gives the same bytes, with fields in the order
 * of their numbers. Code `limit` past MAX_MODEL_BYTES.
 */
export function encodeModel(model: Model): readonly Uint8Array[] {
  return [...streamModel(model)];
}

/**
 * The chunks of {@link encodeModel}, each produced when its turn comes: where `data` of an initializer is a getter, one large
 * tensor at a time stands in memory. Each pass over the result asks for the data once more.
 */
export function streamModel(model: Model): Iterable<Uint8Array> {
  const graph = encodeGraph(model.graph);
  const writer = new BinaryWriter();
  writer.tag(MODEL.irVersion, Varint).int64(model.irVersion);
  if (model.producerName !== '') writer.tag(MODEL.producerName, LengthDelimited).string(model.producerName);
  if (model.producerVersion !== '') writer.tag(MODEL.producerVersion, LengthDelimited).string(model.producerVersion);
  writer.tag(MODEL.graph, LengthDelimited).uint32(expectFits(totalLength(graph)));
  const head = writer.finish();
  for (const { domain, version } of model.opsets) {
    writer.tag(MODEL.opset, LengthDelimited).fork();
    writer.tag(OPSET.domain, LengthDelimited).string(domain);
    writer.tag(OPSET.version, Varint).int64(version).join();
  }
  for (const [key, value] of model.metadata) {
    writer.tag(MODEL.metadata, LengthDelimited).fork();
    writer.tag(ENTRY.key, LengthDelimited).string(key);
    writer.tag(ENTRY.value, LengthDelimited).string(value).join();
  }
  const pieces = [pieceOf(head), ...graph, pieceOf(writer.finish())];
  expectFits(totalLength(pieces));
  return {
    *[Symbol.iterator](): Generator<Uint8Array> {
      for (const piece of pieces) yield piece.read();
    },
  };
}

/** The chunks in one array; copies. */
export function concat(chunks: Iterable<Uint8Array>): Uint8Array {
  const list = [...chunks];
  const all = new Uint8Array(totalLength(list));
  let offset = 0;
  for (const chunk of list) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function totalLength(list: readonly { readonly length: number }[]): number {
  return list.reduce((total, { length }) => total + length, 0);
}

function expectFits(bytes: number): number {
  if (bytes > MAX_MODEL_BYTES) {
    throw new ResedgeError('limit', `expected an ONNX model of at most ${MAX_MODEL_BYTES} bytes, received ${bytes}`);
  }
  return bytes;
}
