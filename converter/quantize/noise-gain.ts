import type { Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { floatConstant, inputOf, outputOf } from '../graph/view.ts';
import type { Statistics } from './statistics.ts';

/** Per channel (axis 1): how much logit noise power one unit of white noise power in every element of that channel becomes. */
export type NoiseGains = ReadonlyMap<string, Float64Array>;

/**
 * Carries the logits' noise back through the graph, taking rounding noise as white and independent: a convolution multiplies it
 * by its squared weights, a ReLU lets the share of positive values pass, an average over n elements divides it by n. `statistics`
 * gives the share of positive values; without it, one half. Defined for every float value that reaches the outputs.
 */
export function noiseGains(graph: Graph, statistics: Statistics): NoiseGains {
  const facts = verify(graph, 'noise gains');
  const gains = new Map<string, Float64Array>();
  const channelsOf = (value: string): number => Number(facts.get(value)?.dims[1] ?? 1);
  const add = (value: string, gain: Float64Array): void => {
    const sum = gains.get(value);
    if (sum === undefined) gains.set(value, gain.slice());
    else for (let c = 0; c < sum.length; c++) sum[c]! += gain[c]!;
  };
  for (const output of graph.outputs) gains.set(output, new Float64Array(channelsOf(output)).fill(1));

  for (const node of graph.nodes.toReversed()) {
    const gain = gains.get(outputOf(node));
    if (gain === undefined) continue;
    const input = inputOf(node, 0);
    switch (node.op.kind) {
      case 'Conv':
      case 'Gemm':
        add(input, throughWeights(graph, node, gain));
        break;
      case 'Relu': {
        const passed = positiveShare(statistics, outputOf(node));
        add(
          input,
          gain.map((g) => g * passed),
        );
        break;
      }
      case 'GlobalAveragePool': {
        const dims = facts.get(input)?.dims ?? [];
        const elements = Number(dims[2]) * Number(dims[3]);
        add(
          input,
          gain.map((g) => g / elements),
        );
        break;
      }
      case 'Add':
        for (const operand of node.inputs) add(operand, gain);
        break;
      case 'MaxPool':
        // One element of each window passes; windows cover the input once for every stride.
        add(
          input,
          gain.map((g) => g),
        );
        break;
      default:
        if (channelsOf(input) === gain.length) add(input, gain);
        else if (node.op.kind === 'Flatten') add(input, summed(gain, channelsOf(input)));
    }
  }
  return gains;
}

/** Gains of a flattened value's elements, channel by channel. */
function summed(gain: Float64Array, channels: number): Float64Array {
  const out = new Float64Array(channels);
  const area = gain.length / channels;
  for (let i = 0; i < gain.length; i++) out[Math.floor(i / area)]! += gain[i]!;
  return out;
}

/** Sum over channels: what a unit of noise power in every element of a value costs at the logits. */
export function totalGain(gains: NoiseGains, value: string): number {
  return gains.get(value)?.reduce((sum, gain) => sum + gain, 0) ?? 0;
}

function throughWeights(graph: Graph, node: Node, gain: Float64Array): Float64Array {
  const weight = floatConstant(graph, inputOf(node, 1));
  const data = weight.read();
  const [rows = 0, perGroup = 0, height = 1, width = 1] = weight.dims;
  const groups = node.op.kind === 'Conv' ? node.op.group : 1;
  const area = height * width;
  const out = new Float64Array(perGroup * groups);
  for (let r = 0; r < rows; r++) {
    const from = Math.floor(r / (rows / groups)) * perGroup;
    for (let c = 0; c < perGroup; c++) {
      let squares = 0;
      const at = (r * perGroup + c) * area;
      for (let i = at; i < at + area; i++) squares += data[i]! * data[i]!;
      out[from + c]! += squares * gain[r]!;
    }
  }
  return out;
}

function positiveShare(statistics: Statistics, value: string): number {
  const seen = statistics.get(value);
  return seen === undefined ? 0.5 : 1 - seen.histogram.zeros / seen.count;
}
