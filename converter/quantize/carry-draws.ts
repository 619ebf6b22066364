import type { Graph, Node } from '../graph/graph.ts';
import type { OpOf } from '../graph/op.ts';
import { floatConstant, inputOf } from '../graph/view.ts';
import { movedChannels } from './moved-channels.ts';

/** Draws of a value, channel by channel: [channels][draws], as many of each. */
export type Draws = readonly Float32Array[];

/** Independent values that a pool's window of 3 x 3 is worth, and the distance of the draws that stand for them. */
const POOLED = 4;
const STEP = 251;

/** How far a filter's weights may sum up away from 1, by rounding. */
const ROUNDING = 1e-3;

const CHANNELS = 1;

/**
 * Draws of a node's output from those of its inputs [N, C, ...], undefined where they do not tell. ReLU and Add are computed, as if inputs
 * were independent. An average over a window keeps the mean and has at most the variance of what it is over (Jensen's inequality; the
 * same where the neighbours are alike, as those of pictures are), so it is taken to have it all: its range is never too small. What moves
 * values, keeps them.
 */
export function carryDraws(graph: Graph, node: Node, drawsOf: (value: string) => Draws | undefined): Draws | undefined {
  const { op } = node;
  const input = drawsOf(inputOf(node, 0));
  if (input === undefined) return undefined;
  switch (op.kind) {
    case 'Relu':
      return input.map((channel) => channel.map((value) => Math.max(0, value)));
    case 'Add': {
      const other = drawsOf(inputOf(node, 1));
      if (other?.length !== input.length) return undefined;
      return input.map((channel, c) => channel.map((value, i) => value + other[c]![i]!));
    }
    case 'MaxPool':
      return input.map((channel) => channel.map((_, i) => largestOf(channel, i)));
    case 'AveragePool':
    case 'GlobalAveragePool':
    case 'Flatten':
      return input;
    case 'Concat':
      return joined(op.axis, node.inputs.map(drawsOf));
    case 'Slice':
      return op.axes.includes(CHANNELS) || op.axes.some((axis) => axis < 0) ? undefined : input;
    case 'Pad':
      return padded(op, input);
    case 'Conv':
      return moved(graph, node, input) ?? averaged(graph, node, op, input);
    default:
      return undefined;
  }
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
