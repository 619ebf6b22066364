import { ResedgeError } from '../../src/errors.ts';
import type { Model, NamedTensor, OnnxGraph, OnnxNode } from '../../src/onnx/schema.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';

/** Where a head begins: pooled features [N, features] in float, or as integers with what they stand for. */
export type HeadInput =
  | { readonly kind: 'float'; readonly value: string; readonly dtype: 'float32' | 'float16' }
  | {
      readonly kind: 'stored';
      /** The integers, and the floats that they are read as. */
      readonly value: string;
      readonly floats: string;
      readonly scale: string;
      readonly zeroPoint: string;
      readonly parameters: QuantizationParameters;
    };

/** The linear layer that a classifier ends in. */
export type Head = {
  readonly input: HeadInput;
  readonly name: string;
  /** Initializers that hold its weights [classes, features] and biases [classes]. */
  readonly weight: string;
  readonly bias: string;
  readonly weightBits: 8 | 4;
  readonly output: string;
  readonly features: number;
  readonly classes: number;
  /** `qdq` and `qoperator` store integers, each in its own way. */
  readonly form: 'float' | 'qdq' | 'qoperator';
  /** What a new head takes the place of, in the order of the file. */
  readonly nodes: readonly OnnxNode[];
};

/** Who makes each value of a graph, and its initializers by name. */
type Makers = {
  readonly producer: (value: string) => OnnxNode | undefined;
  readonly tensor: (name: string) => NamedTensor | undefined;
};

/** Ops that may follow the head. */
const BEHIND: ReadonlySet<string> = new Set(['Cast', 'Softmax']);

/** The head of a model that `convert` wrote. Throws `unsupported` for a model that ends in anything else than one linear layer. */
export function findHead({ graph }: Model): Head {
  const makers = makersOf(graph);
  let node = makers.producer(graph.outputs[0]?.name ?? '');
  while (node && BEHIND.has(node.op)) node = makers.producer(node.inputs[0] ?? '');
  const head = node && (node.op === 'QGemm' ? integerHead(node, makers) : gemmHead(node, makers));
  if (head === undefined || graph.outputs.length !== 1) {
    const found = graph.outputs.length === 1 ? (node?.op ?? 'nothing') : `${graph.outputs.length} outputs`;
    throw new ResedgeError(
      'unsupported',
      `expected a model that ends in one linear layer on pooled features, found ${found}: classes are learnt with a ResNet, or another network with such a head`,
    );
  }
  return head;
}

function makersOf(graph: OnnxGraph): Makers {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  return { producer: (value) => producers.get(value), tensor: (name) => tensors.get(name) };
}

type Tail = { readonly tensor: NamedTensor; readonly nodes: readonly OnnxNode[] };

/** A head of float weights, or of integers behind DequantizeLinear. */
function gemmHead(node: OnnxNode, makers: Makers): Head | undefined {
  const [input = '', weight = '', bias = ''] = node.inputs;
  const transposed = node.attributes.get('transB');
  if (node.op !== 'Gemm' || transposed?.kind !== 'int' || transposed.value !== 1) return undefined;
  const stored = constantBehind(weight, makers);
  const offset = bias === '' ? undefined : constantBehind(bias, makers);
  if (stored === undefined || (bias !== '' && offset === undefined)) return undefined;
  const { tensor } = stored;
  const common = { ...shapeOf(node, tensor), bias: offset?.tensor.name ?? `${node.name}.bias` };
  if (tensor.dtype === 'float32' || tensor.dtype === 'float16') {
    const read: HeadInput = { kind: 'float', value: input, dtype: tensor.dtype };
    return { ...common, input: read, form: 'float', weightBits: 8, nodes: [node] };
  }
  const reader = makers.producer(input);
  const from = reader?.op === 'DequantizeLinear' ? storedInput(reader.inputs, input, makers) : undefined;
  if (from === undefined || reader === undefined) return undefined;
  const nodes = [reader, ...stored.nodes, ...(offset?.nodes ?? []), node];
  return { ...common, input: from, form: 'qdq', weightBits: tensor.dtype === 'int4' ? 4 : 8, nodes };
}

/** ONNX Runtime's own QGemm: features, weights and their parameters, then the bias. */
function integerHead(node: OnnxNode, makers: Makers): Head | undefined {
  const [value = '', scale = '', zeroPoint = '', weight = '', , , bias = ''] = node.inputs;
  const tensor = makers.tensor(weight);
  const input = storedInput([value, scale, zeroPoint], `${value}.floats`, makers);
  if (tensor?.dims.length !== 2 || input === undefined) return undefined;
  const common = { ...shapeOf(node, tensor), bias: bias || `${node.name}.bias` };
  return { ...common, input, form: 'qoperator', weightBits: 8, nodes: [node] };
}

function shapeOf(node: OnnxNode, { name, dims }: NamedTensor) {
  const [classes = 0, features = 0] = dims;
  return { name: node.name, output: node.outputs[0] ?? '', weight: name, classes, features };
}

/** A constant and the nodes that read it as floats: a DequantizeLinear, before it a Cast of 4-bit numbers. */
function constantBehind(value: string, makers: Makers): Tail | undefined {
  const tensor = makers.tensor(value);
  if (tensor) return { tensor, nodes: [] };
  const node = makers.producer(value);
  if (node?.op !== 'DequantizeLinear' && node?.op !== 'Cast') return undefined;
  const behind = constantBehind(node.inputs[0] ?? '', makers);
  return behind && { tensor: behind.tensor, nodes: [...behind.nodes, node] };
}

function storedInput(
  [value = '', scale = '', zeroPoint = '']: readonly string[],
  floats: string,
  makers: Makers,
): HeadInput | undefined {
  const [step, zero] = [makers.tensor(scale), makers.tensor(zeroPoint)];
  if (step?.dtype !== 'float32' || (zero?.dtype !== 'uint8' && zero?.dtype !== 'int8' && zero?.dtype !== 'uint16')) {
    return undefined;
  }
  const parameters = { dtype: zero.dtype, scale: step.data[0] ?? 1, zeroPoint: zero.data[0] ?? 0 };
  return { kind: 'stored', value, floats, scale, zeroPoint, parameters };
}
