import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';
import { writeNode } from './encode-node.ts';
import { encodeTensor } from './encode-tensor.ts';
import { writeValue } from './encode-value.ts';
import type { NamedTensor, OnnxGraph } from './schema.ts';
import { GRAPH } from './wire.ts';

/** A run of bytes of known length, produced when its turn comes. */
export type Piece = { readonly length: number; readonly read: () => Uint8Array };

/** Tensor data of more bytes than this becomes a piece of its own, by reference. */
const MAX_COPIED_BYTES = 4096;

/** A GraphProto as consecutive pieces. Code `internal` for a node or tensor that cannot be written, named. */
export function encodeGraph(graph: OnnxGraph): readonly Piece[] {
  const pieces: Piece[] = [];
  const writer = new BinaryWriter();
  for (const node of graph.nodes) named(`node ${node.name} (${node.op})`, () => writeNode(writer, node));
  writer.tag(GRAPH.name, WireType.LengthDelimited).string(graph.name);
  for (const tensor of graph.initializers) named(`tensor ${tensor.name}`, () => writeInitializer(tensor));
  for (const input of graph.inputs) writeValue(writer, GRAPH.input, input);
  for (const output of graph.outputs) writeValue(writer, GRAPH.output, output);
  for (const value of graph.values) writeValue(writer, GRAPH.value, value);
  pieces.push(pieceOf(writer.finish()));
  return pieces;

  function writeInitializer(tensor: NamedTensor): void {
    const { head, dataBytes, data } = encodeTensor(tensor);
    writer.tag(GRAPH.initializer, WireType.LengthDelimited).uint32(head.length + dataBytes);
    writer.raw(head);
    if (dataBytes <= MAX_COPIED_BYTES) writer.raw(data());
    else pieces.push(pieceOf(writer.finish()), { length: dataBytes, read: data });
  }
}

/** Bytes that are there already. */
export function pieceOf(bytes: Uint8Array): Piece {
  return { length: bytes.length, read: () => bytes };
}

function named(what: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ResedgeError('internal', `${what} cannot be written: ${why}`, { cause: error });
  }
}
