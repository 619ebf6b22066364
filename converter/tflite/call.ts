import { ResedgeError } from '../../src/errors.ts';
import type { Names } from '../exchange/names.ts';
import type { Constant, Fact, Node } from '../graph/graph.ts';
import { inferRead } from '../graph/infer.ts';
import type { LiteModel, LiteOperator, LiteTensor } from './model.ts';
import { dataOf, integersOf, realsOf } from './numbers.ts';
import type { Call, Operand, StoredLayer, Value } from './types.ts';

/** What the operators of a model have written so far. */
export type Written = {
  readonly nodes: Node[];
  readonly constants: Map<string, Constant>;
  readonly names: Names;
  /** Operators that read a tensor, by its place. */
  readonly readers: ReadonlyMap<number, readonly LiteOperator[]>;
  /** By the tensor's place. */
  readonly values: Map<number, Value>;
  /** Tensors that only hand on what another one holds, such as halves widened before a layer. */
  readonly known: Map<number, LiteTensor>;
  /** By the name of the layer's node. */
  readonly layers: Map<string, StoredLayer & { readonly input: Value }>;
};

/** How a constant is called, by its place. */
const CONSTANTS: readonly string[] = ['operand', 'weight', 'bias'];

/** Numbers of one value of one picture. */
const MAX_ELEMENTS = 2 ** 28;

/** Operators that know what to do with a value whose pixels are spread over the batch. */
const SPREAD: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'BATCH_TO_SPACE_ND']);

/** One operator of a model, which writes its nodes behind those that are there. */
export function callOf(operator: LiteOperator, model: LiteModel, written: Written): Call {
  const { op, inputs, outputs } = operator;
  const { values, known, nodes, constants, names, layers } = written;
  const output = model.tensors[outputs[0] ?? -1] ?? damaged(operator, 'an output');
  const base = partOf(output.name);
  const refuse = (expected: string): never => {
    throw new ResedgeError('unsupported', `expected ${expected} for ${titleOf(operator, model)}`);
  };
  const placeOf = (index: number): number => {
    const place = inputs[index] ?? -1;
    return place >= 0 ? place : damaged(operator, `an input ${index}`);
  };
  const tensor = (index: number): LiteTensor => {
    const place = placeOf(index);
    return known.get(place) ?? model.tensors[place]!;
  };
  const isKnown = (index: number): boolean => !values.has(placeOf(index)) && tensor(index).data !== undefined;
  const constant = (index: number, what: string): Constant<'float32'> => {
    if (!isKnown(index)) return refuse(`${what} known before it runs (input ${index})`);
    const reals = realsOf(tensor(index));
    // What a layer reads has to be there before anything is made of it.
    dataOf(tensor(index));
    return reals;
  };
  const value = (index: number): Value => {
    const found = values.get(placeOf(index));
    if (found?.spread && !SPREAD.has(op)) return refuse('no operator between SPACE_TO_BATCH_ND and its convolution');
    if (found) return found;
    return isKnown(index) ? refuse('an input that depends on the picture') : dangling(operator, tensor(index), model);
  };
  return {
    ...{ op, count: inputs.length, refuse, tensor, output, constant, value, options: operator.options },
    has: (index) => (inputs[index] ?? -1) >= 0,
    operand: (index) => (isKnown(index) ? constant(index, 'numbers') : value(index)),
    integers: (index) => ((inputs[index] ?? -1) >= 0 && isKnown(index) ? integersOf(tensor(index)) : undefined),
    reader: () => {
      const [reader, ...more] = written.readers.get(outputs[0] ?? -1) ?? [];
      if (reader === undefined || more.length > 0) return undefined;
      const at = (index: number): LiteTensor | undefined => model.tensors[reader.inputs[index] ?? -1];
      return { op: reader.op, integers: (index) => (at(index)?.data ? integersOf(at(index)!) : []) };
    },
    store: (made, stored) => {
      const layer = nodes.findLast(({ op: { kind } }) => kind === 'Conv' || kind === 'Gemm');
      const [first] = inputs;
      const input = first === undefined ? undefined : values.get(first);
      if (layer && input && made) layers.set(layer.name, { ...stored, input });
    },
    emit: (added, operands, part) => {
      const name = names(part === undefined ? base : `${base}.${part}`);
      const read = operands.map((operand, place) => nameOf(operand, `${name}.${CONSTANTS[place] ?? place}`));
      const node: Node = { name, op: added, inputs: read, outputs: [name] };
      const facts: readonly Fact[] = operands.map((operand) => ('fact' in operand ? operand.fact : operand));
      const fact = inferRead(node, facts, titleOf(operator, model));
      if (fact.dims.some((dim) => typeof dim === 'number' && dim < 1)) {
        refuse(`a picture that is large enough, received a result of [${fact.dims.join(', ')}],`);
      }
      if (!(fact.dims.reduce<number>((all, dim) => all * (typeof dim === 'number' ? dim : 1), 1) <= MAX_ELEMENTS)) {
        refuse(`at most ${MAX_ELEMENTS} numbers a picture as its result, received [${fact.dims.join(', ')}],`);
      }
      nodes.push(node);
      return { name, fact, plain: name };
    },
  };

  function nameOf(operand: Operand, wanted: string): string {
    if ('fact' in operand) return operand.name;
    const own = names(wanted);
    constants.set(own, operand);
    return own;
  }
}

/** `operator 12 (CONV_2D, stem/Relu)`. */
export function titleOf({ index, op, outputs }: LiteOperator, { tensors }: LiteModel): string {
  const output = tensors[outputs[0] ?? -1];
  return `operator ${index} (${op}${output ? `, ${partOf(output.name)}` : ''})`;
}

/** A converter joins the names of all that became one operator; the first says enough. */
export function partOf(name: string): string {
  const [first] = name.split(';');
  return first?.trim() || name;
}

function damaged(operator: LiteOperator, what: string): never {
  throw new ResedgeError(
    'input',
    `expected ${what} of operator ${operator.index} (${operator.op}), received none: the file is damaged, download or save it again`,
  );
}

function dangling(operator: LiteOperator, tensor: LiteTensor, model: LiteModel): never {
  const place = model.tensors.indexOf(tensor);
  const maker = model.operators.find(({ outputs }) => outputs.includes(place));
  const why = maker ? `which operator ${maker.index} makes only later, or not at all` : 'which nothing makes';
  throw new ResedgeError(
    'input',
    `expected operators that can run one after another, ${titleOf(operator, model)} reads tensor ${tensor.name}, ${why}: the file is damaged, or made by a program that is`,
  );
}
