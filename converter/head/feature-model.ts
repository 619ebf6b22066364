import type { Attribute, Model, OnnxNode } from '../../src/onnx/schema.ts';
import { findHead, type Head } from './find-head.ts';
import { batchOf } from './splice.ts';

/** ONNX's code of float32, as a Cast takes it. */
const FLOAT32 = 1;

/**
 * The model without its head: the same nodes up to the pooled features, float32 [N, features], as the head sees them. Throws as
 * {@link findHead}.
 */
export function featureModel(model: Model): Model {
  const head = findHead(model);
  const reader = readerOf(head);
  const { graph } = model;
  const nodes = reader === undefined ? graph.nodes : [...graph.nodes, reader];
  const output = reader?.outputs[0] ?? featuresOf(head);
  const used = neededFor(output, nodes);
  const read = new Set([...used].flatMap(({ inputs }) => inputs));
  return {
    ...model,
    graph: {
      ...graph,
      nodes: nodes.filter((node) => used.has(node)),
      initializers: graph.initializers.filter(({ name }) => read.has(name)),
      outputs: [{ name: output, dtype: 'float32', dims: [batchOf(graph), head.features] }],
      values: [],
    },
  };
}

function featuresOf({ input }: Head): string {
  return input.kind === 'stored' ? input.floats : input.value;
}

/** What hands the features out as float32, where no node of the model does. */
function readerOf({ name, input, form }: Head): OnnxNode | undefined {
  const common = { name: `${name}.features`, domain: '', outputs: [`${name}.features`] };
  if (form === 'qoperator' && input.kind === 'stored') {
    const inputs = [input.value, input.scale, input.zeroPoint];
    return { ...common, op: 'DequantizeLinear', inputs, attributes: new Map() };
  }
  if (input.kind !== 'float' || input.dtype === 'float32') return undefined;
  const attributes = new Map<string, Attribute>([['to', { kind: 'int', value: FLOAT32 }]]);
  return { ...common, op: 'Cast', inputs: [input.value], attributes };
}

function neededFor(output: string, nodes: readonly OnnxNode[]): ReadonlySet<OnnxNode> {
  const wanted = new Set([output]);
  const used = new Set<OnnxNode>();
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((value) => wanted.has(value))) continue;
    used.add(node);
    for (const value of node.inputs) wanted.add(value);
  }
  return used;
}
