import { streamModel } from '../../src/onnx/encode.ts';
import type { NamedTensor, OnnxNode, ValueInfo } from '../../src/onnx/schema.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { onnxAttributes } from './attributes.ts';
import { summaryConstants, summaryNodes, summaryOf } from './summary.ts';

/** Opset 17 is what most runtimes read; values of 16 and 4 bits need 21. */
const OPSET = 17;
const OPSET_OTHER_BITS = 21;
const IR_VERSION = 8;
const IR_VERSION_OTHER_BITS = 10;

/** The program that writes a file. */
export type Producer = { readonly name: string; readonly version: string };

export type EncodeOptions = {
  readonly producer: Producer;
  readonly metadata?: ReadonlyMap<string, string>;
  /** Values that leave the graph besides its outputs, for observation. */
  readonly observe?: readonly string[];
  /** Values of shape [N, C, H, W] of which a summary leaves the graph: see {@link summaryOf}. */
  readonly summarise?: readonly string[];
};

/** A graph as consecutive chunks of an ONNX file's bytes; weights are read when their chunk's turn comes. */
export function encodeGraph(graph: Graph, options: EncodeOptions): Iterable<Uint8Array> {
  const facts = verify(graph, 'encode');
  const wide = [...facts.values()].some(({ dtype }) => dtype === 'uint16' || dtype === 'int4');
  const outputs = [...graph.outputs, ...(options.observe ?? [])];
  const summarised = options.summarise ?? [];
  return streamModel({
    irVersion: wide ? IR_VERSION_OTHER_BITS : IR_VERSION,
    opsets: [{ domain: '', version: wide ? OPSET_OTHER_BITS : OPSET }],
    producerName: options.producer.name,
    producerVersion: options.producer.version,
    metadata: options.metadata ?? new Map(),
    graph: {
      name: graph.name,
      nodes: [...graph.nodes.map(onnxNode), ...summarised.flatMap(summaryNodes)],
      initializers: [
        ...[...graph.constants].map(namedTensor),
        ...graph.nodes.flatMap(padConstants),
        ...(summarised.length > 0 ? summaryConstants : []),
      ],
      inputs: graph.inputs.map(({ name, dtype, dims }) => ({ name, dtype, dims })),
      outputs: [...[...new Set(outputs)].map((name) => valueInfo(name, facts)), ...summarised.flatMap(summaryInfos)],
      values: [],
    },
  });
}

function onnxNode(node: Node): OnnxNode {
  const inputs = node.op.kind === 'Pad' ? [...node.inputs, `${node.name}.pads`, `${node.name}.value`] : node.inputs;
  return {
    name: node.name,
    op: node.op.kind,
    domain: '',
    inputs,
    outputs: node.outputs,
    attributes: onnxAttributes(node.op),
  };
}

/** ONNX passes the operands of Pad as inputs. */
function padConstants(node: Node): readonly NamedTensor[] {
  if (node.op.kind !== 'Pad') return [];
  const { pads, value } = node.op;
  return [
    { name: `${node.name}.pads`, dtype: 'int64', dims: [pads.length], data: BigInt64Array.from(pads, BigInt) },
    { name: `${node.name}.value`, dtype: 'uint8', dims: [], data: Uint8Array.of(value) },
  ];
}

/** The data is read each time it is asked for, so that weights stand in memory one at a time. */
function namedTensor([name, constant]: readonly [string, Constant]): NamedTensor {
  const { dtype, dims } = constant;
  return {
    name,
    dtype,
    dims,
    get data() {
      return constant.read();
    },
  } as NamedTensor;
}

function summaryInfos(value: string): readonly ValueInfo[] {
  const { min, max, some } = summaryOf(value);
  return [min, max, some].map((name) => ({
    name,
    dtype: 'float32',
    dims: name === some ? ['', '', '', ''] : ['', ''],
  }));
}

function valueInfo(name: string, facts: Facts): ValueInfo {
  const fact = facts.get(name);
  return { name, dtype: fact?.dtype ?? 'float32', dims: fact?.dims ?? [] };
}
