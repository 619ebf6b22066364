import { ResedgeError } from '../../src/errors.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import { newNames } from '../exchange/names.ts';
import type { Graph } from '../graph/graph.ts';
import { dropDead } from '../graph/patch.ts';
import { callOf, titleOf, type Written } from './call.ts';
import type { LiteModel, LiteOperator } from './model.ts';
import { OPERATORS } from './operators/index.ts';
import { parametersOf, sameParameters } from './stored.ts';
import type { Call, Value } from './types.ts';

export type Built = {
  readonly graph: Graph;
  /** Parameters of the values that the file stores as integers, by name. */
  readonly activations: ReadonlyMap<string, QuantizationParameters>;
  readonly layers: Written['layers'];
};

/** Clips nothing: where a value is stored twice, with other parameters. */
const ANEW = { kind: 'Clip', min: -3.4028234663852886e38, max: 3.4028234663852886e38 } as const;

/**
 * A model's graph for square pictures of a size: float32 `input` [N, 3, size, size] to the model's outputs, integers as the reals that
 * they stand for. Throws `unsupported` or `input` naming the operator at fault.
 */
export function buildGraph(model: LiteModel, size: number): Built {
  const readers = readersIn(model);
  const written: Written = {
    readers,
    nodes: [],
    constants: new Map(),
    names: newNames(),
    values: new Map(),
    known: new Map(),
    layers: new Map(),
  };
  const { nodes, constants, values, known } = written;
  const activations = new Map<string, QuantizationParameters>();

  const [picture = -1] = model.inputs;
  const input = { name: 'input', dtype: 'float32', dims: ['N', 3, size, size] } as const;
  nodes.push({
    name: 'input.nhwc',
    op: { kind: 'Transpose', perm: [0, 2, 3, 1] },
    inputs: ['input'],
    outputs: ['input.nhwc'],
  });
  const fed: Value = { name: 'input.nhwc', fact: { dtype: 'float32', dims: ['N', size, size, 3] }, plain: 'input' };
  values.set(picture, fed);
  const stated = parametersOf(model.tensors[picture]!);
  if (stated) activations.set('input', stated);

  for (const operator of neededFor(model)) {
    const [place = -1] = operator.outputs;
    const first = operator.inputs[0] ?? -1;
    const constant = known.get(first) ?? model.tensors[first];
    if (operator.op === 'DEQUANTIZE' && constant?.data && !values.has(first)) {
      known.set(place, constant);
      continue;
    }
    const call = callOf(operator, model, written);
    const read = OPERATORS.get(operator.op) ?? refuseOperator(operator, model);
    values.set(place, stored(call, read(call), first));
  }

  /** A result with its parameters noted, behind a node of its own where what stands there is used otherwise too. */
  function stored(call: Call, value: Value, first: number): Value {
    const wanted = parametersOf(call.output);
    if (wanted === undefined) return value;
    const before = activations.get(value.plain);
    const shared = before
      ? !sameParameters(before, wanted)
      : values.get(first) === value && readers.get(first)?.length !== 1;
    const own = shared ? call.emit(ANEW, [value]) : value;
    activations.set(own.plain, wanted);
    return own;
  }

  const outputs = model.outputs.map((place) => values.get(place) ?? noOutput(model, place));
  if (outputs.some(({ spread }) => spread)) throw outputsSpread();
  const graph: Graph = {
    name: 'tflite',
    inputs: [input],
    outputs: outputs.map(({ name }) => name),
    nodes,
    constants,
  };
  return { graph: dropDead(graph), activations, layers: written.layers };
}

function readersIn({ operators }: LiteModel): ReadonlyMap<number, readonly LiteOperator[]> {
  const readers = new Map<number, LiteOperator[]>();
  for (const operator of operators) {
    for (const place of new Set(operator.inputs)) {
      const list = readers.get(place);
      if (list) list.push(operator);
      else readers.set(place, [operator]);
    }
  }
  return readers;
}

/** Operators that the outputs depend on through what they compute, in the file's order: shapes are stated in the tensors as well. */
function neededFor({ operators, outputs }: LiteModel): readonly LiteOperator[] {
  const wanted = new Set(outputs);
  const needed = operators.toReversed().filter(({ op, inputs, outputs: made }) => {
    if (!made.some((place) => wanted.has(place))) return false;
    for (const place of op === 'RESHAPE' ? inputs.slice(0, 1) : inputs) wanted.add(place);
    return true;
  });
  return needed.toReversed();
}

function refuseOperator(operator: LiteOperator, model: LiteModel): never {
  const custom = operator.op.startsWith('CUSTOM');
  const hint = custom
    ? 'whose code is not in the file: convert the model without it'
    : 'which is not known here: convert the model without it, or cut it off';
  throw new ResedgeError(
    'unsupported',
    `expected operators of a convolutional classifier, received ${titleOf(operator, model)}, ${hint}`,
  );
}

function noOutput({ tensors }: LiteModel, place: number): never {
  throw new ResedgeError(
    'input',
    `expected an operator that makes the output ${tensors[place]?.name ?? 'of the model'}, received none: the file is damaged, download or save it again`,
  );
}

function outputsSpread(): ResedgeError {
  return new ResedgeError(
    'unsupported',
    'expected scores of the classes as output, received the result of SPACE_TO_BATCH_ND',
  );
}
