import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../../errors.ts';
import { ENTRY, GRAPH, MODEL, TENSOR } from '../../onnx/wire.ts';
import { cursorOf } from './cursor.ts';

/** Tensors below this many bytes stay inside the model. */
const MIN_EXTERNAL_BYTES = 64 * 1024;

/** ONNX Runtime maps whole pages. */
const ALIGNMENT = 4096;

/** TensorProto.DataLocation.EXTERNAL. */
const EXTERNAL = 1;

/** Most bytes that may stay inside the model: its nodes and small tensors. */
const MAX_INNER_BYTES = 256 * 2 ** 20;

const { LengthDelimited } = WireType;

/** A field's tag and length as they stood, and where its body ends. */
type Field = { readonly number: number; readonly type: number; readonly length: number };

function reference(location: string, offset: number, length: number): Uint8Array {
  const writer = new BinaryWriter();
  for (const [key, value] of Object.entries({ location, offset: `${offset}`, length: `${length}` })) {
    writer.tag(TENSOR.externalData, LengthDelimited).fork();
    writer.tag(ENTRY.key, LengthDelimited).string(key).tag(ENTRY.value, LengthDelimited).string(value).join();
  }
  return writer.tag(TENSOR.dataLocation, WireType.Varint).uint32(EXTERNAL).finish();
}

/**
 * Moves the large initializers of an ONNX model, given as consecutive chunks, to a second file named `location` (external data
 * in onnx.proto3), which ONNX Runtime maps instead of copying it. `write` receives that file's bytes, in order, with their
 * positions. Returns the model without them, everything else byte for byte. One chunk at a time is in use. Throws code `input`
 * if the chunks are no protobuf, `limit` past MAX_INNER_BYTES.
 */
export function externalize(
  chunks: Iterable<Uint8Array>,
  location: string,
  write: (part: Uint8Array, position: number) => void,
): Uint8Array {
  const cursor = cursorOf(chunks);
  let fileEnd = 0;
  let kept = 0;

  const readField = (end: number): Field => {
    const tag = cursor.varint();
    const type = tag % 8;
    const length =
      type === LengthDelimited ? cursor.varint() : type === WireType.Bit64 ? 8 : type === WireType.Bit32 ? 4 : 0;
    const known = length > 0 || type === WireType.Varint || type === LengthDelimited;
    if (!known || cursor.offset() + length > end)
      throw new ResedgeError(
        'input',
        `expected an ONNX model, the field before byte ${cursor.offset()} is no protobuf: encode it again`,
      );
    return { number: Math.floor(tag / 8), type, length };
  };
  const keep = (writer: BinaryWriter, { number, type, length }: Field): void => {
    kept += length;
    if (kept > MAX_INNER_BYTES)
      throw new ResedgeError(
        'limit',
        `expected at most ${MAX_INNER_BYTES} bytes beside the large tensors of a model: split it`,
      );
    writer.tag(number, type);
    if (type === WireType.Varint) writer.raw(cursor.varintBytes());
    if (type === LengthDelimited) writer.uint32(length);
    cursor.pass(length, (part) => writer.raw(part.slice()));
  };
  const moveOut = (length: number): Uint8Array => {
    const offset = Math.ceil(fileEnd / ALIGNMENT) * ALIGNMENT;
    fileEnd = offset;
    cursor.pass(length, (part) => {
      write(part, fileEnd);
      fileEnd += part.length;
    });
    return reference(location, offset, length);
  };
  const eachField = (end: number, visit: (field: Field) => void): void => {
    while (cursor.offset() < end && !cursor.atEnd()) visit(readField(end));
  };
  const rewriteTensor = (writer: BinaryWriter, length: number): void => {
    writer.tag(GRAPH.initializer, LengthDelimited).fork();
    eachField(cursor.offset() + length, (field) => {
      if (field.number === TENSOR.rawData && field.length >= MIN_EXTERNAL_BYTES) writer.raw(moveOut(field.length));
      else keep(writer, field);
    });
    writer.join();
  };
  const rewriteGraph = (writer: BinaryWriter, length: number): void => {
    writer.tag(MODEL.graph, LengthDelimited).fork();
    eachField(cursor.offset() + length, (field) => {
      if (field.number === GRAPH.initializer && field.type === LengthDelimited) rewriteTensor(writer, field.length);
      else keep(writer, field);
    });
    writer.join();
  };
  const model = new BinaryWriter();
  eachField(Number.POSITIVE_INFINITY, (field) => {
    if (field.number === MODEL.graph && field.type === LengthDelimited) rewriteGraph(model, field.length);
    else keep(model, field);
  });
  return model.finish();
}
