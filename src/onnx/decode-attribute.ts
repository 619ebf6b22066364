import { WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';
import { decodeTensor } from './decode-tensor.ts';
import { appendPacked, newPacked, packedFloats, packedIntegers } from './packed.ts';
import {
  type Budget,
  damaged,
  type Field,
  readBytes,
  readFloat,
  readInteger,
  readMessage,
  readText,
  readTextItem,
} from './read.ts';
import type { Attribute } from './schema.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, ATTRIBUTE_TYPE_NAMES } from './wire.ts';

/** Decodes an AttributeProto into its name and value; `node` says whose it is. */
export function decodeAttribute(bytes: Uint8Array, node: string, budget: Budget): readonly [string, Attribute] {
  let name = '';
  let type = 0;
  const fields = new Set<number>();
  readMessage(bytes, `an attribute of ${node}`, budget, (field) => {
    fields.add(field.number);
    if (field.number === ATTRIBUTE.name) name = readText(field);
    if (field.number === ATTRIBUTE.type) type = readInteger(field);
  });
  if (name === '') throw damaged(node, 'an attribute has no name');
  const what = `attribute ${name} of ${node}`;
  return [name, decodeValue(bytes, type === 0 ? typeOfFields(fields) : type, what, budget)];
}

function decodeValue(bytes: Uint8Array, type: number, what: string, budget: Budget): Attribute {
  const scope = { budget, what };
  switch (type) {
    case ATTRIBUTE_TYPE.int:
      return { kind: 'int', value: last(ATTRIBUTE.int, readInteger) ?? 0 };
    case ATTRIBUTE_TYPE.float:
      return { kind: 'float', value: last(ATTRIBUTE.float, readFloat) ?? 0 };
    case ATTRIBUTE_TYPE.string:
      return { kind: 'string', value: last(ATTRIBUTE.string, readText) ?? '' };
    case ATTRIBUTE_TYPE.ints: {
      const list = newPacked();
      each(ATTRIBUTE.ints, (field) => appendPacked(list, field, WireType.Varint));
      return { kind: 'ints', value: packedIntegers(list, scope) };
    }
    case ATTRIBUTE_TYPE.floats: {
      const list = newPacked();
      each(ATTRIBUTE.floats, (field) => appendPacked(list, field, WireType.Bit32));
      return { kind: 'floats', value: packedFloats(list, scope) };
    }
    case ATTRIBUTE_TYPE.strings: {
      const value: string[] = [];
      each(ATTRIBUTE.strings, (field) => value.push(readTextItem(field)));
      return { kind: 'strings', value };
    }
    case ATTRIBUTE_TYPE.tensor: {
      const tensor = last(ATTRIBUTE.tensor, readBytes);
      if (tensor === undefined) throw damaged(what, 'its tensor is missing');
      return { kind: 'tensor', value: decodeTensor(tensor, what, budget) };
    }
    default: {
      const kind = ATTRIBUTE_TYPE_NAMES[type] ?? `type ${type}`;
      throw new ResedgeError(
        'unsupported',
        `expected numbers, strings or a tensor as ${what}, received ${kind.startsWith('GRAPH') ? 'a sub-graph' : kind}`,
      );
    }
  }

  function each(number: number, visit: (field: Field) => void): void {
    readMessage(bytes, what, budget, (field) => {
      if (field.number === number) visit(field);
    });
  }

  function last<T>(number: number, read: (field: Field) => T): T | undefined {
    let value: T | undefined;
    each(number, (field) => {
      value = read(field);
    });
    return value;
  }
}

const KINDS = ['float', 'int', 'string', 'tensor', 'floats', 'ints', 'strings'] as const;

/** Models from before the type field was required state it by the field they fill. */
function typeOfFields(fields: ReadonlySet<number>): number {
  const kind = KINDS.find((candidate) => fields.has(ATTRIBUTE[candidate]));
  if (kind !== undefined) return ATTRIBUTE_TYPE[kind];
  const subgraph = fields.has(ATTRIBUTE.graph) || fields.has(ATTRIBUTE.graphs);
  return subgraph ? ATTRIBUTE_TYPE_NAMES.indexOf('GRAPH') : 0;
}
