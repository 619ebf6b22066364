import { affineOf } from '../graph/affine.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { OpOf } from '../graph/op.ts';
import type { Facts } from '../graph/verify.ts';
import { floatConstant, inputOf, outputOf } from '../graph/view.ts';
import type { Draw, Draws } from './draws.ts';
import { elementwise } from './elementwise.ts';
import { mixChannels, mixColumn, mixFeatures } from './mix-draws.ts';
import { movedChannels } from './moved-channels.ts';

/** What is known on the way through a graph. */
export type Carried = {
  readonly graph: Graph;
  readonly facts: Facts;
  readonly drawsOf: (value: string) => Draws | undefined;
  /** For sums of many. */
  readonly draw: Draw;
};

/** Independent values that a pool's window of 3 x 3 is worth, and the distance of the draws that stand for them. */
const POOLED = 4;
const STEP = 251;

/** How far a filter's weights may sum up away from 1, by rounding. */
const ROUNDING = 1e-3;

const CHANNELS = 1;

/**
 * Draws of a node's output from those of its inputs [N, C, ...], undefined where they do not tell. What computes every number from those
 * at its place is computed, as if inputs were independent unless one is made of the other; a layer's sums are drawn from their moments. An
 * average over a window keeps the mean and has at most the variance of what it is over (Jensen's inequality; the same where the neighbours
 * are alike, as those of pictures are), so it is taken to have it all: its range is never too small. What moves values, keeps them.
 */
export function carryDraws(node: Node, { graph, facts, drawsOf, draw }: Carried): Draws | undefined {
  const { op } = node;
  const first = drawsOf(inputOf(node, 0));
  const affine = affineOf(node, graph, facts);
  if (affine) {
    const { scale, shift } = affine;
    return perChannel(drawsOf(affine.input), scale.length, (x, c) => x * scale[c]! + shift[c]!);
  }
  if (first === undefined) return undefined;
  const channels = facts.get(inputOf(node, 0))?.dims[CHANNELS];
  const computed = elementwise(op);
  if (computed) return first.map((drawn) => drawn.map(computed));
  switch (op.kind) {
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return combined(op.kind, first, drawsOf(inputOf(node, 1)));
    case 'PRelu':
      return sloped(graph, node, first);
    case 'Reshape':
      return reshaped(first, facts.get(inputOf(node, 0))?.dims, facts.get(outputOf(node))?.dims);
    case 'Flatten':
      return flattened(first, facts.get(outputOf(node))?.dims[CHANNELS]);
    case 'Gemm':
      return mixFeatures(graph, node, op, first, draw);
    case 'Conv':
      if (first.length !== channels) return mixColumn(graph, node, op, first, draw);
      return moved(graph, node, first) ?? averaged(graph, node, op, first) ?? mixChannels(graph, node, op, first, draw);
  }
  return first.length === channels ? carryChannels(node, first, drawsOf) : undefined;
}

/** Of what draws for every channel tell alone. */
function carryChannels(node: Node, input: Draws, drawsOf: Carried['drawsOf']): Draws | undefined {
  const { op } = node;
  switch (op.kind) {
    case 'MaxPool':
      return input.map((channel) => channel.map((_, i) => largestOf(channel, i)));
    case 'AveragePool':
    case 'GlobalAveragePool':
      return input;
    case 'Concat':
      return joined(op.axis, node.inputs.map(drawsOf));
    case 'Slice':
      return op.axes.includes(CHANNELS) || op.axes.some((axis) => axis < 0) ? undefined : input;
    case 'Pad':
      return padded(op, input);
    default:
      return undefined;
  }
}

/** Every channel's numbers, one for one. */
function perChannel(
  input: Draws | undefined,
  channels: number,
  compute: (x: number, channel: number) => number,
): Draws | undefined {
  if (input?.length !== channels) return undefined;
  return input.map((channel, c) => channel.map((x) => compute(x, c)));
}

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';

const ARITHMETIC: { readonly [K in Arithmetic]: (a: number, b: number) => number } = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Two values of the same channels, or one of a single one that is the same for all. */
function combined(kind: Arithmetic, left: Draws, right: Draws | undefined): Draws | undefined {
  if (right === undefined) return undefined;
  const [long, other] = [Math.max(left.length, right.length), Math.min(left.length, right.length)];
  if (other !== long && other !== 1) return undefined;
  const compute = ARITHMETIC[kind];
  return Array.from({ length: long }, (_, c) => {
    const [a, b] = [left[c % left.length]!, right[c % right.length]!];
    return a.map((x, i) => compute(x, b[i]!));
  });
}

function sloped(graph: Graph, node: Node, input: Draws): Draws | undefined {
  const slopes = floatConstant(graph, inputOf(node, 1)).read();
  if (slopes.length !== 1 && slopes.length !== input.length) return undefined;
  return perChannel(input, input.length, (x, c) => (x < 0 ? x * slopes[c % slopes.length]! : x));
}

type Dims = readonly (number | string)[];

/** Of what has draws for every element, or keeps its channels. */
function reshaped(input: Draws, from: Dims | undefined, to: Dims | undefined): Draws | undefined {
  const elements = from?.slice(1).reduce<number>((product, dim) => product * Number(dim), 1);
  if (input.length === elements) return input;
  return input.length === from?.[CHANNELS] && from[CHANNELS] === to?.[CHANNELS] ? input : undefined;
}

/** Every element of a channel has the channel's draws. */
function flattened(input: Draws, features: number | string | undefined): Draws | undefined {
  const each = Number(features) / input.length;
  if (!Number.isInteger(each)) return undefined;
  return each === 1 ? input : input.flatMap((channel) => new Array<Float32Array>(each).fill(channel));
}

/** Channels behind one another; elsewhere draws of all inputs by turns. */
function joined(axis: number, inputs: readonly (Draws | undefined)[]): Draws | undefined {
  const known = inputs.filter((draws) => draws !== undefined);
  const [first] = known;
  if (first === undefined || known.length < inputs.length || axis < 1) return undefined;
  if (axis === CHANNELS) return known.flat();
  if (known.some((draws) => draws.length !== first.length)) return undefined;
  return first.map((channel, c) => channel.map((_, i) => known[i % known.length]![c]![i]!));
}

/** New channels hold the padding alone. Around a picture it is one more value that counts as much as any. */
function padded({ pads, value }: OpOf<'Pad'>, input: Draws): Draws | undefined {
  const rank = pads.length / 2;
  const [before = 0, after = 0] = [pads[CHANNELS], pads[rank + CHANNELS]];
  const around = pads.some((count, i) => count > 0 && i % rank > CHANNELS);
  if (pads[0] !== 0 || pads[rank] !== 0 || before < 0 || after < 0) return undefined;
  const constant = (count: number): Draws =>
    Array.from({ length: count }, () => new Float32Array(input[0]?.length ?? 0).fill(value));
  const inner = around ? input.map((channel) => channel.map((drawn, i) => (i === 0 ? value : drawn))) : input;
  return [...constant(before), ...inner, ...constant(after)];
}

/** A convolution that only moves channels. */
function moved(graph: Graph, node: Node, input: Draws): Draws | undefined {
  const weight = floatConstant(graph, inputOf(node, 1));
  if (weight.dims[1] !== input.length || node.inputs.length > 2) return undefined;
  const none = new Float32Array(input[0]?.length ?? 0);
  return movedChannels(weight)?.map((from) => input[from] ?? none);
}

/** A convolution that averages each channel for itself, as a blur: no weight below 0, all of a channel summing up to 1. */
function averaged(graph: Graph, node: Node, { group }: OpOf<'Conv'>, input: Draws): Draws | undefined {
  const { dims, read } = floatConstant(graph, inputOf(node, 1));
  const channels = input.length;
  if (group !== channels || dims[0] !== channels || node.inputs.length > 2) return undefined;
  const weight = read();
  const size = weight.length / channels;
  const averages = input.every((_, c) => {
    const filter = weight.subarray(c * size, (c + 1) * size);
    return (
      Math.abs(filter.reduce((sum, value) => sum + value, 0) - 1) < ROUNDING && filter.every((value) => value >= 0)
    );
  });
  return averages ? input : undefined;
}

/** The largest of a window's values, of which neighbours are alike. */
function largestOf(channel: Float32Array, start: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < POOLED; i++) largest = Math.max(largest, channel[(start + i * STEP) % channel.length]!);
  return largest;
}
