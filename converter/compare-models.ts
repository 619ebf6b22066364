import { ResedgeError } from '../src/errors.ts';
import { streamModel } from '../src/onnx/encode.ts';
import type { Model, OnnxNode, ValueInfo } from '../src/onnx/schema.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { fedInputs } from './exchange/model-facts.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import type { ModelRunner } from './runner.ts';

/** A value of a model that can be fetched as reals: as float32, by a node of its own, or as stored integers with their meaning. */
type Readable = {
  readonly output: ValueInfo;
  readonly node?: OnnxNode;
  readonly real: (tensor: Tensor) => Float32Array;
};

/**
 * Where two models part: the SQNR of `other` against `reference` for every value that both name, in the reference's order of
 * execution, over some inputs (one tensor for each of the two models). A value `x` that one model stores as integers is found
 * under the name of its QuantizeLinear's input. Throws `input` where the two have no value in common, or one of another size.
 */
export async function compareModels(
  reference: Model,
  other: Model,
  inputs: AsyncIterable<readonly [Tensor, Tensor]>,
  run: ModelRunner,
): Promise<readonly LayerFidelity[]> {
  const [a, b] = [readableValues(reference), readableValues(other)];
  const names = [...a.keys()].filter((name) => b.has(name));
  if (names.length === 0) {
    throw new ResedgeError('input', 'expected two models of one network, these have no value of the same name');
  }
  const left = await run(streamModel(exposing(reference, names, a)), { optimize: true });
  try {
    const right = await run(streamModel(exposing(other, names, b)), { optimize: true });
    try {
      const result = comparison();
      for await (const [first, second] of inputs) {
        const expected = await left.run({ [inputName(reference)]: first });
        const found = await right.run({ [inputName(other)]: second });
        for (const name of names) {
          const [reals, others] = [read(expected, a.get(name)), read(found, b.get(name))];
          if (reals.length !== others.length) throw otherSize(name, reals.length, others.length);
          result.add(name, reals, others);
        }
      }
      return result.fidelity();
    } finally {
      await right.close();
    }
  } finally {
    await left.close();
  }
}

function otherSize(name: string, expected: number, found: number): ResedgeError {
  return new ResedgeError(
    'input',
    `expected two models of one network, ${name} has ${expected} numbers in the reference and ${found} in the other`,
  );
}

function inputName({ graph }: Model): string {
  const inputs = fedInputs(graph);
  if (inputs.length !== 1 || inputs[0] === undefined) {
    throw new ResedgeError('input', `expected a model with one input, found ${inputs.length}`);
  }
  return inputs[0].name;
}

/** The outputs, and every float value that a node of some weight computes, under its plain name. */
function readableValues({ graph }: Model): ReadonlyMap<string, Readable> {
  const values = new Map<string, Readable>();
  const constants = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const quantized = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    if (node.op === 'QuantizeLinear' && node.inputs[0] !== undefined) quantized.set(node.inputs[0], node);
  }
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const ranks = new Map<string, number>();
  for (const node of graph.nodes) {
    const [name] = node.outputs;
    if (name === undefined) continue;
    const rank = RANKS[node.op] ?? ranks.get(node.inputs[0] ?? '') ?? 4;
    ranks.set(name, rank);
    if (!COMPARED.has(node.op) && !outputs.has(name)) continue;
    const store = quantized.get(name);
    const readable = store ? storedValue(store, constants, rank) : undefined;
    if (readable) values.set(name, readable);
    else if (quantized.size === 0 || outputs.has(name)) values.set(name, floatValue(name, rank));
  }
  return values;
}

/** Operators whose outputs are worth a line; what only moves or converts numbers is not. */
const COMPARED: ReadonlySet<string> = new Set([
  'Conv',
  'Relu',
  'Add',
  'MaxPool',
  'GlobalAveragePool',
  'Gemm',
  'MatMul',
]);

/** Ranks that an operator fixes; the others keep their first input's. */
const RANKS: Readonly<Record<string, number>> = { Conv: 4, MaxPool: 4, GlobalAveragePool: 4, Flatten: 2, Gemm: 2 };

/** A shape of which the rank alone is known. */
function unknownDims(rank: number): readonly string[] {
  return new Array<string>(rank).fill('');
}

/** ONNX's code of float32, as a Cast takes it. */
const FLOAT32 = 1;

/** Half or single precision, as float32. */
function floatValue(name: string, rank: number): Readable {
  const real = `${name}.real`;
  const attributes = new Map([['to', { kind: 'int', value: FLOAT32 } as const]]);
  return {
    output: { name: real, dtype: 'float32', dims: unknownDims(rank) },
    node: { name: real, op: 'Cast', domain: '', inputs: [name], outputs: [real], attributes },
    real: (tensor) => (tensor.dtype === 'float32' ? tensor.data : new Float32Array()),
  };
}

function storedValue(store: OnnxNode, constants: ReadonlyMap<string, Tensor>, rank: number): Readable | undefined {
  const scale = constants.get(store.inputs[1] ?? '');
  const zero = constants.get(store.inputs[2] ?? '');
  const [name] = store.outputs;
  if (scale?.dtype !== 'float32' || scale.data.length !== 1 || zero === undefined || name === undefined)
    return undefined;
  if (zero.dtype !== 'uint8' && zero.dtype !== 'int8' && zero.dtype !== 'uint16') return undefined;
  const parameters = { dtype: zero.dtype, scale: scale.data[0]!, zeroPoint: zero.data[0]! };
  return {
    output: { name, dtype: zero.dtype, dims: unknownDims(rank) },
    real: (tensor) => realsOf(tensor, parameters),
  };
}

/** The model with these values as its outputs. */
function exposing(model: Model, names: readonly string[], values: ReadonlyMap<string, Readable>): Model {
  const exposed = names.flatMap((name) => values.get(name) ?? []);
  const outputs = new Map([...model.graph.outputs, ...exposed.map(({ output }) => output)].map((it) => [it.name, it]));
  const nodes = [...model.graph.nodes, ...exposed.flatMap(({ node }) => node ?? [])];
  return { ...model, graph: { ...model.graph, nodes, outputs: [...outputs.values()] } };
}

function read(outputs: Readonly<Record<string, Tensor>>, value: Readable | undefined): Float32Array {
  const tensor = value && outputs[value.output.name];
  return tensor ? value.real(tensor) : new Float32Array();
}
