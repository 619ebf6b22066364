import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, outputOf, type View, viewOf } from '../graph/view.ts';
import type { Covariance } from './covariance.ts';
import { rescaler } from './equalize-histogram.ts';
import type { Statistics } from './statistics.ts';
import { isWeighted, weightedLayers } from './weighted.ts';

/** By value: what each of its channels is multiplied by, all above zero. */
export type Equalization = ReadonlyMap<string, Float64Array>;

/** A value between two layers that can be rescaled channel by channel: its maker gives back what its reader takes off. */
export type Seam = {
  readonly value: string;
  readonly maker: Node;
  readonly reader: Node;
};

/** Values that a ReLU makes of a convolution and one layer alone reads: relu(f x) = f relu(x) for every f above zero. */
export function seamsOf(view: View): readonly Seam[] {
  const alone = (value: string): boolean => view.consumers(value).length === 1 && !view.isOutput(value);
  const ownConstants = (node: Node): boolean => node.inputs.slice(1).every(alone);
  return view.graph.nodes.flatMap((relu) => {
    if (!isKind(relu, 'Relu')) return [];
    const [before, value] = [inputOf(relu, 0), outputOf(relu)];
    const [maker, reader] = [view.producer(before), view.consumers(value)[0]];
    if (!isKind(maker, 'Conv') || reader === undefined || !isWeighted(reader)) return [];
    if (!alone(before) || !alone(value) || !ownConstants(maker) || !ownConstants(reader)) return [];
    return inputOf(reader, 0) === value ? [{ value, maker, reader }] : [];
  });
}

/**
 * Multiplies the channels of some values, and the layers around them so that the network computes what it did (Nagel et al. 2019,
 * "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.1).
 */
export function equalizeGraph(graph: Graph, equalization: Equalization): Graph {
  if (equalization.size === 0) return graph;
  const constants = new Map(graph.constants);
  /** Multiplies every run of so many elements by its factor. */
  const change = (name: string, run: number, factorOf: (index: number) => number): void => {
    const { dims, read } = floatConstant({ ...graph, constants }, name);
    const changed = (): Float32Array => {
      const data = read().slice();
      for (let index = 0; index < data.length / run; index++) {
        const factor = factorOf(index);
        for (let i = index * run; i < (index + 1) * run; i++) data[i]! *= factor;
      }
      return data;
    };
    constants.set(name, { dtype: 'float32', dims, read: changed } satisfies Constant);
  };
  for (const { value, maker, reader } of seamsOf(viewOf(graph))) {
    const factors = equalization.get(value);
    if (factors === undefined) continue;
    for (const name of maker.inputs.slice(1)) {
      const row = elementCount(floatConstant(graph, name).dims) / factors.length;
      change(name, row, (index) => factors[index]!);
    }
    const { dims } = floatConstant(graph, inputOf(reader, 1));
    const channelOf = channelsOfKernels(dims, factors.length);
    change(inputOf(reader, 1), elementCount(dims.slice(2)), (index) => 1 / factors[channelOf(index)]!);
  }
  return { ...graph, constants };
}

/** The input channel that each kernel of a layer's weights reads, of a value of so many channels. */
export function channelsOfKernels(
  [rows = 1, perGroup = 1]: readonly number[],
  channels: number,
): (index: number) => number {
  const rowsPerGroup = rows / (channels / perGroup);
  return (index) => Math.floor(index / perGroup / rowsPerGroup) * perGroup + (index % perGroup);
}

/** Statistics as the rescaled network would have shown them. */
export function equalizeStatistics(statistics: Statistics, equalization: Equalization): Statistics {
  const all = new Map(statistics);
  for (const [value, factors] of equalization) {
    const seen = statistics.get(value);
    if (seen !== undefined) all.set(value, rescaler(seen)(factors));
  }
  return all;
}

/** Covariances of layers' inputs in the rescaled network, by layer. */
export function equalizeCovariances(
  graph: Graph,
  covariances: ReadonlyMap<string, Covariance>,
  equalization: Equalization,
): ReadonlyMap<string, Covariance> {
  const all = new Map(covariances);
  for (const { name, input, channels, kernel, groups } of weightedLayers(graph)) {
    const [factors, covariance] = [equalization.get(input), covariances.get(name)];
    if (factors === undefined || covariance === undefined) continue;
    const { size, blocksPerGroup, blocks } = covariance;
    const area = kernel[0] * kernel[1];
    const factorOf = (block: number, element: number): number => {
      const channel = (block % blocksPerGroup) * (size / area) + Math.floor(element / area);
      // The last block of a group may be padded.
      return channel < channels ? factors[Math.floor(block / blocksPerGroup) * channels + channel]! : 1;
    };
    const scales = Float64Array.from({ length: groups * blocksPerGroup * size }, (_, at) =>
      factorOf(Math.floor(at / size), at % size),
    );
    const scaled = blocks.map((entry, at) => {
      const row = Math.floor(at / size);
      return entry * scales[row]! * scales[Math.floor(row / size) * size + (at % size)]!;
    });
    all.set(name, { ...covariance, blocks: scaled });
  }
  return all;
}

/** A stored value's reals [N, C, ...] as the network had them before it was rescaled, in place. */
export function takeOffFactors(reals: Float32Array, dims: readonly number[], factors: Float64Array): Float32Array {
  const area = elementCount(dims.slice(2));
  for (let i = 0; i < reals.length; i++) reals[i]! /= factors[Math.floor(i / area) % factors.length]!;
  return reals;
}
