import type { Model, OnnxGraph } from '../../src/onnx/schema.ts';
import type { Head } from './find-head.ts';

/** The model with another head; every other node and initializer stays as it is and where it is. */
export function splice(model: Model, head: Head, tail: OnnxGraph, classes: number): Model {
  const { graph } = model;
  const replaced = new Set(head.nodes);
  const last = head.nodes.at(-1);
  const nodes = graph.nodes.flatMap((node) => (node === last ? tail.nodes : replaced.has(node) ? [] : [node]));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const fresh = new Map(tail.initializers.map((tensor) => [tensor.name, tensor]));
  const kept = graph.initializers.filter(({ name }) => read.has(name));
  const known = new Set(kept.map(({ name }) => name));
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      initializers: [
        ...kept.map((tensor) => fresh.get(tensor.name) ?? tensor),
        ...tail.initializers.filter(({ name }) => !known.has(name)),
      ],
      outputs: graph.outputs.map((output) => ({ ...output, dims: [...output.dims.slice(0, -1), classes] })),
    },
  };
}

/** The size of a graph's batch, or its symbol. */
export function batchOf({ inputs, outputs }: OnnxGraph): number | string {
  return inputs[0]?.dims[0] ?? outputs[0]?.dims[0] ?? 'N';
}
