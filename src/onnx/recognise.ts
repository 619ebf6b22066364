import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { MODEL } from './wire.ts';

const WIRE_TYPES: ReadonlyMap<number, WireType> = new Map<number, WireType>([
  [MODEL.irVersion, WireType.Varint],
  [MODEL.producerName, WireType.LengthDelimited],
  [MODEL.producerVersion, WireType.LengthDelimited],
  [MODEL.domain, WireType.LengthDelimited],
  [MODEL.modelVersion, WireType.Varint],
  [MODEL.docString, WireType.LengthDelimited],
  [MODEL.graph, WireType.LengthDelimited],
  [MODEL.opset, WireType.LengthDelimited],
  [MODEL.metadata, WireType.LengthDelimited],
  [MODEL.trainingInfo, WireType.LengthDelimited],
  [MODEL.functions, WireType.LengthDelimited],
  [MODEL.configuration, WireType.LengthDelimited],
]);

/** Highest IR version taken for one; ONNX stands at 14. */
const MAX_IR_VERSION = 999;

/** Most top-level fields looked at. */
const MAX_FIELDS = 1024;

/**
 * True if `bytes`, a whole file or its beginning, looks like an ONNX model: nothing but fields of a ModelProto up to an IR
 * version and a graph, which may be cut off. Never throws.
 */
export function looksLikeOnnx(bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  let hasVersion = false;
  let hasGraph = false;
  try {
    for (let count = 0; count < MAX_FIELDS && reader.pos < reader.len; count++) {
      const [number, wire] = reader.tag();
      if (WIRE_TYPES.get(number) !== wire) return false;
      if (number === MODEL.irVersion) {
        const version = Number(reader.int64());
        if (version < 1 || version > MAX_IR_VERSION) return false;
        hasVersion = true;
      }
      hasGraph ||= number === MODEL.graph;
      if (hasVersion && hasGraph) return true;
      if (number !== MODEL.irVersion) reader.skip(wire, number);
    }
  } catch {
    return false;
  }
  return false;
}
