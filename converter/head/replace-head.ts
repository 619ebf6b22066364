import { ResedgeError } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { concat } from '../../src/onnx/encode.ts';
import type { Model } from '../../src/onnx/schema.ts';
import { toHalf } from '../../src/tensor/half.ts';
import { float32 } from '../../src/tensor/tensor.ts';
import { encodeGraph } from '../exchange/encode-graph.ts';
import { type Constant, constant, type Graph, type Node } from '../graph/graph.ts';
import { viewOf } from '../graph/view.ts';
import { storeLayer, zeroPointConstant } from '../quantize/apply.ts';
import { planLayers } from '../quantize/layers.ts';
import { observer } from '../quantize/observe.ts';
import { SCHEMES, type Scheme, schemeNamed } from '../quantize/scheme.ts';
import { findHead, type Head, type HeadInput } from './find-head.ts';
import { splice } from './splice.ts';

/** A linear classifier of features. */
export type LinearHead = {
  /** [classes, features]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
};

export type ReplaceOptions = {
  /** The scheme of a quantized model, by name. */
  readonly scheme: string | null;
  /** What the head will see, [n, features]: weights are rounded for it, and pairs of products kept in range. */
  readonly seen: Float32Array;
};

/**
 * The model with a head of `bias.length` classes in place of its own, stored as that one was: in float, or quantized by the model's own
 * scheme with one scale per class. All other nodes and initializers stay byte for byte. Throws `input` for weights that are not finite
 * and as {@link findHead}.
 */
export function replaceHead(model: Model, given: LinearHead, { scheme, seen }: ReplaceOptions): Model {
  const head = findHead(model);
  const classes = given.bias.length;
  expectFits(given, head);
  const tail = head.input.kind === 'float' ? floatTail(head, head.input, given) : undefined;
  const graph = tail ?? storedTail(head, given, schemeOf(head, scheme), seen);
  const producer = { name: '', version: '' };
  const form = head.form === 'qoperator' ? ({ format: 'qoperator' } as const) : {};
  const bytes = concat(encodeGraph(graph, { producer, ...form }));
  return splice(model, head, decodeModel(bytes).graph, classes);
}

function expectFits({ weights, bias }: LinearHead, { features }: Head): void {
  if (weights.length !== bias.length * features || bias.length === 0) {
    throw new ResedgeError(
      'internal',
      `expected weights of ${bias.length} classes x ${features} features, received ${weights.length} numbers`,
    );
  }
  if (weights.every(Number.isFinite) && bias.every(Number.isFinite)) return;
  throw new ResedgeError('input', 'expected a finite head, its weights hold NaN or infinity: learn with a lower --lr');
}

/** How the file stores this layer, which a budget may have given another width than the rest. */
function schemeOf({ weightBits }: Head, name: string | null): Scheme {
  const scheme = schemeNamed(name ?? 'u8s8-safe');
  return scheme.weightBits === weightBits ? scheme : SCHEMES[scheme.wider ?? scheme.name];
}

function gemm({ name, output }: Head, inputs: readonly string[]): Node {
  return { name, op: { kind: 'Gemm', transB: true }, inputs, outputs: [output] };
}

function floatTail(head: Head, input: HeadInput & { readonly kind: 'float' }, given: LinearHead): Graph {
  const stored = (dims: readonly number[], data: Float32Array): Constant =>
    input.dtype === 'float32' ? constant(float32(dims, data)) : { dtype: 'float16', dims, read: () => toHalf(data) };
  const { weight, bias, features } = head;
  return {
    name: 'head',
    inputs: [{ name: input.value, dtype: input.dtype, dims: ['N', features] }],
    outputs: [head.output],
    nodes: [gemm(head, [input.value, weight, bias])],
    constants: new Map([
      [weight, stored([given.bias.length, features], given.weights)],
      [bias, stored([given.bias.length], given.bias)],
    ]),
  };
}

/** DequantizeLinear of the features, then the layer as `applyPlan` stores it. */
function storedTail(head: Head, given: LinearHead, scheme: Scheme, seen: Float32Array): Graph {
  const { input, weight, bias, features } = head;
  if (input.kind !== 'stored') throw new ResedgeError('internal', 'expected features that are stored as integers');
  const { dtype, scale } = input.parameters;
  const layer = gemm(head, [input.floats, weight, bias]);
  const reader: Node = {
    name: head.nodes[0]?.op === 'DequantizeLinear' ? head.nodes[0].name : input.floats,
    op: { kind: 'DequantizeLinear' },
    inputs: [input.value, input.scale, input.zeroPoint],
    outputs: [input.floats],
  };
  const constants = new Map<string, Constant>([
    [weight, constant(float32([given.bias.length, features], given.weights))],
    [bias, constant(float32([given.bias.length], given.bias))],
    [input.scale, constant(float32([], Float32Array.of(scale)))],
    [input.zeroPoint, zeroPointConstant(input.parameters)],
  ]);
  const graph: Graph = {
    name: 'head',
    inputs: [{ name: input.value, dtype, dims: ['N', features] }],
    outputs: [head.output],
    nodes: [reader, layer],
    constants,
  };
  const watch = observer([input.floats]);
  watch.add({ [input.floats]: float32([seen.length / features, features], seen) });
  const activations = new Map([[input.floats, input.parameters]]);
  const options = { scheme, correctBias: true, covariances: new Map() };
  const plan = planLayers(viewOf(graph), activations, watch.statistics(), options).get(layer.name);
  if (plan === undefined) throw new ResedgeError('internal', `expected a plan of ${layer.name}`);
  const stored = storeLayer(layer, plan, scale, constants);
  return { ...graph, nodes: [reader, ...stored, gemm(head, [input.floats, `${weight}.dq`, `${bias}.dq`])] };
}
