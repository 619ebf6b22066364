import type { OnnxNode } from '../../src/onnx/schema.ts';
import { dtypeOfCode } from '../../src/onnx/wire.ts';
import type { Constant } from '../graph/graph.ts';
import { infer } from '../graph/infer.ts';
import { DECODERS } from '../graph/ops/index.ts';
import type { Source } from '../graph/ops/types.ts';
import { filledConstant, foldLarge } from './fold-large.ts';
import { foldLists } from './fold-lists.ts';
import { asValue, constantOf, factOf, floatOr, listOf, scalarOf, type Value } from './value.ts';

/** What needs no node: constants, shapes, and what passes its input on. */
export function fold(node: OnnxNode, source: Source, known: readonly (Value | undefined)[]): Value | undefined {
  const [output = ''] = node.outputs;
  const [first] = known;
  switch (node.op) {
    case 'Constant':
      return constantNode(node, source);
    case 'Shape': {
      const { dims } = first ? factOf(first) : source.input(0).fact;
      const rank = dims.length;
      const from = (name: string, otherwise: number): number => {
        const at = source.int(name, otherwise);
        return at < 0 ? at + rank : at;
      };
      const items = dims.slice(from('start', 0), from('end', rank));
      return asValue(output, { dtype: 'int64', dims: [items.length], items });
    }
    case 'Identity':
    case 'Dropout':
      return first ?? source.refuse('an input');
    case 'Cast':
      if (first?.kind === 'computed') return passCast(first, source);
      break;
  }
  const present = known.filter((value) => value !== undefined);
  if (present.length === 0 || present.some(({ kind }) => kind === 'computed')) return undefined;
  const lists = known.map((value) => value && listOf(value));
  if (node.op === 'ConstantOfShape') {
    const large = filledConstant(scalarOf(node.attributes.get('value')), lists[0]?.items ?? [], source);
    if (large) return { kind: 'constant', name: output, constant: large };
  }
  if (known.every((value, index) => value === undefined || lists[index])) {
    const list = foldLists(node, source, lists);
    return list && asValue(output, list);
  }
  const constants = present.flatMap((value) => (value.kind === 'constant' ? [value.constant] : []));
  const large = foldLarge(source, constants) ?? reshapedConstant(source, present[0]!);
  return large && { kind: 'constant', name: output, constant: large };
}

/** A cast between float types does nothing: all of them are read as float32, and so is a picture of bytes. */
function passCast(value: Value, source: Source): Value {
  const to = floatOr(dtypeOfCode(source.int('to', 0)) ?? 'bool');
  return to === 'float32' ? value : source.refuse('a cast to float16 or float32');
}

/** A change of a large constant's shape. */
function reshapedConstant(source: Source, value: Value): Constant | undefined {
  if (value.kind !== 'constant' || !/^(Reshape|Squeeze|Unsqueeze|Flatten)$/.test(source.op)) return undefined;
  const decoded = DECODERS.get(source.op)?.(source);
  if (decoded === undefined || 'same' in decoded) return value.constant;
  const node = { name: source.op, op: decoded.op, inputs: [], outputs: [] };
  const { dims } = infer(node, [factOf(value)]);
  return { ...value.constant, dims: dims.map(Number) };
}

function constantNode(node: OnnxNode, source: Source): Value {
  const [output = ''] = node.outputs;
  const [name, attribute] = [...node.attributes][0] ?? ['', undefined];
  switch (attribute?.kind) {
    case 'tensor':
      return { kind: 'constant', name: output, constant: constantOf(attribute.value) };
    case 'float':
      return asValue(output, { dtype: 'float32', dims: [], items: [attribute.value] });
    case 'int':
      return asValue(output, { dtype: 'int64', dims: [], items: [attribute.value] });
    case 'floats':
      return asValue(output, { dtype: 'float32', dims: [attribute.value.length], items: attribute.value });
    case 'ints':
      return asValue(output, { dtype: 'int64', dims: [attribute.value.length], items: attribute.value });
    default:
      return source.refuse(`a constant of numbers, received ${name || 'none'}`);
  }
}
