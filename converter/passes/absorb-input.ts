import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import { affineOf } from '../graph/affine.ts';
import type { Graph, GraphInput, Node } from '../graph/graph.ts';
import { behindInput, bypass } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { isKind, viewOf } from '../graph/view.ts';

export type Absorbed = {
  readonly graph: Graph;
  /** What now has to be done to pixels; a deviation may be negative. */
  readonly preprocessing: Preprocessing;
};

/**
 * Prepares a graph for raw pixels: normalisation that the network does itself, before its first layer, joins that of the pixels, and
 * the input is read by one convolution alone, one that copies where the network starts with anything else. For a float input, nothing.
 */
export function absorbInput(graph: Graph, preprocessing: Preprocessing): Absorbed {
  const [input] = graph.inputs;
  if (input === undefined || preprocessing.input !== 'raw') return { graph, preprocessing };
  const view = viewOf(graph);
  const readers = view.consumers(input.name);
  const [reader] = readers;
  const affine = reader && readers.length === 1 ? affineOf(reader, graph, verify(graph, 'absorb input')) : undefined;
  if (
    reader &&
    affine?.input === input.name &&
    affine.scale.every((factor) => factor !== 0 && Number.isFinite(factor))
  ) {
    const { mean, std } = preprocessing;
    const next = {
      ...preprocessing,
      mean: triple((c) => mean[c]! - (affine.shift[c]! * std[c]!) / affine.scale[c]!),
      std: triple((c) => std[c]! / affine.scale[c]!),
    };
    return absorbInput(bypass(graph, reader, input.name), next);
  }
  const ready = readers.length === 1 && isKind(reader, 'Conv') && reader.op.group === 1;
  return { graph: ready ? graph : withCopy(graph, input), preprocessing };
}

function triple(of: (channel: number) => number): Preprocessing['mean'] {
  return [of(0), of(1), of(2)];
}

/** With a 1 x 1 convolution that hands the input's channels on. */
function withCopy(graph: Graph, input: GraphInput): Graph {
  const [name, weight] = ['input.copy', 'input.copy.weight'];
  const identity = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const copy: Node = {
    name,
    op: { kind: 'Conv', kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], group: 1 },
    inputs: [input.name, weight],
    outputs: [name],
  };
  return {
    ...behindInput(graph, input, copy),
    constants: new Map([...graph.constants, [weight, { dtype: 'float32', dims: [3, 3, 1, 1], read: () => identity }]]),
  };
}
