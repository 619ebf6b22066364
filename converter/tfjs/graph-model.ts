import { ResedgeError } from '../../src/errors.ts';
import type { Model, NamedTensor, OnnxGraph, OnnxNode } from '../../src/onnx/schema.ts';
import { float32 } from '../../src/tensor/tensor.ts';
import { refuseOp } from '../exchange/decode-graph.ts';
import { nodeTitle, orderNodes } from '../exchange/order-nodes.ts';
import { sourceOf } from '../exchange/source.ts';
import { constantOf } from '../exchange/value.ts';
import { integers } from '../graph/ops/types.ts';
import { activations } from './ops/activation.ts';
import { arithmetic } from './ops/arithmetic.ts';
import { shapes } from './ops/shape.ts';
import { windows } from './ops/window.ts';
import type { Attributes, Call, Translator } from './types.ts';

/** What is written; nothing here depends on it but the places of axes. */
const OPSET = 18;

const TRANSLATORS: ReadonlyMap<string, Translator> = new Map(
  Object.entries({ ...activations, ...arithmetic, ...shapes, ...windows }),
);

const CONTROL_FLOW =
  /^(Stateless)?(If|While|Case)$|^(Enter|Exit|Switch|Merge|NextIteration|LoopCond|(Stateful)?PartitionedCall)$|^TensorList|^TensorArray/;

/** Most axes, sizes or counts: two for each of eight dimensions. */
const MAX_NUMBERS = 16;

/** Scopes of functions that were written in where they are called: they say nothing. */
const CALLS = /(Stateful)?PartitionedCall(_\d+)?\//g;

/**
 * A graph of TensorFlow's operators as a model of ONNX's: images are moved to [N, C, H, W] around what needs them so, constants are
 * shared with the graph. Throws `unsupported` or `input` naming the node at fault.
 */
export function modelOfGraph(graph: OnnxGraph): Model {
  const live = orderNodes(graph);
  for (const node of live) expectKnown(node);
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, NamedTensor>(graph.initializers.map((tensor) => [tensor.name, tensor]));
  /** What a value of TensorFlow's is called here, where not by its own name. */
  const renamed = new Map<string, string>();
  const read = (value: string): string => renamed.get(value) ?? value;
  for (const node of live) {
    const made = TRANSLATORS.get(node.op)!(callOf(node, read, nodes, initializers));
    if (made !== node.name) renamed.set(node.name, made);
  }
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: OPSET }],
    producerName: 'TensorFlow.js',
    producerVersion: '',
    metadata: new Map(),
    graph: {
      ...graph,
      nodes,
      initializers: [...initializers.values()],
      outputs: graph.outputs.map((output) => ({ ...output, name: read(output.name) })),
    },
  };
}

function expectKnown(node: OnnxNode): void {
  if (CONTROL_FLOW.test(node.op)) {
    throw new ResedgeError(
      'unsupported',
      `expected a graph that always runs the same way, received ${nodeTitle(node)}: convert the network without branches, loops and training`,
    );
  }
  if (!TRANSLATORS.has(node.op)) refuseOp(node);
  if (node.outputs.length > 1) {
    throw new ResedgeError('unsupported', `expected the first result alone to be read of ${nodeTitle(node)}`);
  }
}

function callOf(
  node: OnnxNode,
  read: (value: string) => string,
  nodes: OnnxNode[],
  initializers: Map<string, NamedTensor>,
): Call {
  const source = sourceOf(node, {
    opset: OPSET,
    batch: undefined,
    lookUp: (value) => {
      const name = read(value);
      const tensor = initializers.get(name);
      if (tensor) return { kind: 'constant', name, constant: constantOf(tensor) };
      return { kind: 'computed', name, fact: { dtype: 'float32', dims: [] } };
    },
  });
  const inputs = node.inputs.map(read);
  const own = (tag: string | undefined): string => (tag === undefined ? node.name : `${node.name}:${tag}`);
  const added = (tensor: NamedTensor): string => {
    initializers.set(tensor.name, tensor);
    return tensor.name;
  };
  return {
    node,
    source,
    inputs,
    input: (index) => inputs[index] ?? source.refuse(`at least ${index + 1} inputs`),
    numbers: (index, what) => {
      const found = (source.integers(index, what) ?? source.refuse(what)).map(Number);
      const fits = found.length <= MAX_NUMBERS && found.every(Number.isSafeInteger);
      return fits ? found : source.refuse(`at most ${MAX_NUMBERS} whole numbers as ${what}`);
    },
    emit: (op, operands, attributes: Attributes = {}, tag) => {
      const name = own(tag);
      const written = new Map(Object.entries(attributes));
      nodes.push({
        name: name.replace(CALLS, ''),
        op,
        domain: '',
        inputs: operands,
        outputs: [name],
        attributes: written,
      });
      return name;
    },
    list: (values, tag) => added({ ...integers(values), name: own(tag) }),
    number: (value, tag) => added({ ...float32([], Float32Array.of(value)), name: own(tag) }),
  };
}
