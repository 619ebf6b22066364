import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { encodeTensor } from './encode-tensor.ts';
import type { Attribute, OnnxNode } from './schema.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, NODE } from './wire.ts';

const { Bit32, LengthDelimited, Varint } = WireType;

/** Writes a NodeProto as a field of the graph. A tensor attribute is copied. */
export function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  writer.tag(GRAPH.node, LengthDelimited).fork();
  for (const input of node.inputs) writer.tag(NODE.input, LengthDelimited).string(input);
  for (const output of node.outputs) writer.tag(NODE.output, LengthDelimited).string(output);
  if (node.name !== '') writer.tag(NODE.name, LengthDelimited).string(node.name);
  writer.tag(NODE.op, LengthDelimited).string(node.op);
  for (const [name, attribute] of node.attributes) {
    writer.tag(NODE.attribute, LengthDelimited).fork();
    writer.tag(ATTRIBUTE.name, LengthDelimited).string(name);
    writeAttributeValue(writer, attribute);
    writer.tag(ATTRIBUTE.type, Varint).int32(ATTRIBUTE_TYPE[attribute.kind]);
    writer.join();
  }
  if (node.domain !== '') writer.tag(NODE.domain, LengthDelimited).string(node.domain);
  writer.join();
}

function writeAttributeValue(writer: BinaryWriter, attribute: Attribute): void {
  switch (attribute.kind) {
    case 'int':
      writer.tag(ATTRIBUTE.int, Varint).int64(attribute.value);
      return;
    case 'float':
      writer.tag(ATTRIBUTE.float, Bit32).float(attribute.value);
      return;
    case 'string':
      writer.tag(ATTRIBUTE.string, LengthDelimited).string(attribute.value);
      return;
    case 'ints':
      for (const value of attribute.value) writer.tag(ATTRIBUTE.ints, Varint).int64(value);
      return;
    case 'floats':
      for (const value of attribute.value) writer.tag(ATTRIBUTE.floats, Bit32).float(value);
      return;
    case 'strings':
      for (const value of attribute.value) writer.tag(ATTRIBUTE.strings, LengthDelimited).string(value);
      return;
    case 'tensor': {
      const { head, dataBytes, data } = encodeTensor(attribute.value);
      writer.tag(ATTRIBUTE.tensor, LengthDelimited).uint32(head.length + dataBytes);
      writer.raw(head).raw(data());
      return;
    }
  }
}
