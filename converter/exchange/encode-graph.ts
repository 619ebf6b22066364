import { streamModel } from '../../src/onnx/encode.ts';
import type { NamedTensor, OnnxNode, ValueInfo } from '../../src/onnx/schema.ts';
import type { Constant, Graph } from '../graph/graph.ts';
import { definitionOf } from '../graph/ops/index.ts';
import type { Encoding } from '../graph/ops/types.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { qoperatorForm } from './qoperator.ts';
import { summaryConstants, summaryNodes, summaryOf } from './summary.ts';

/** Opset 17 is what most runtimes read; values of 16 and 4 bits need 21. */
const OPSET = 17;
const OPSET_OTHER_BITS = 21;
const IR_VERSION = 8;
const IR_VERSION_OTHER_BITS = 10;

/** The program that writes a file. */
export type Producer = { readonly name: string; readonly version: string };

/** How a graph is written. */
export type FileForm = {
  /** Pictures that the file takes at a time, for targets that want every shape known; default: any number. */
  readonly batch?: number;
  /** Of a quantized graph: QuantizeLinear and DequantizeLinear around float nodes, the default, or {@link qoperatorForm}. */
  readonly format?: 'qdq' | 'qoperator';
};

export type EncodeOptions = FileForm & {
  readonly producer: Producer;
  readonly metadata?: ReadonlyMap<string, string>;
  /** Values that leave the graph besides its outputs, for observation. */
  readonly observe?: readonly string[];
  /** Values of shape [N, C, H, W] of which a summary leaves the graph: see {@link summaryOf}. */
  readonly summarise?: readonly string[];
};

/** A graph as consecutive chunks of an ONNX file's bytes; weights are read when their chunk's turn comes. */
export function encodeGraph(given: Graph, options: EncodeOptions): Iterable<Uint8Array> {
  const graph = withBatch(given, options.batch);
  const facts = verify(graph, 'encode');
  const wide = [...facts.values()].some(({ dtype }) => dtype === 'uint16' || dtype === 'int4');
  const outputs = [...graph.outputs, ...(options.observe ?? [])];
  const summarised = options.summarise ?? [];
  const opset = wide ? OPSET_OTHER_BITS : OPSET;
  const form = options.format === 'qoperator' ? qoperatorForm(graph) : undefined;
  const nodes = graph.nodes
    .filter(({ name }) => !form?.dropped.has(name))
    .map((node): EncodedNode => {
      const dtype = facts.get(node.inputs[0] ?? '')?.dtype ?? 'float32';
      const encoding = definitionOf(node.op).encode(node.op, { opset, dtype });
      return { node: { ...node, domain: '', op: node.op.kind, ...form?.integer.get(node.name) }, encoding };
    });
  const read = new Set(nodes.flatMap(({ node }) => node.inputs));
  const domains = new Set(['', ...nodes.map(({ node }) => node.domain)]);
  return streamModel({
    irVersion: wide ? IR_VERSION_OTHER_BITS : IR_VERSION,
    opsets: [...domains].map((domain) => ({ domain, version: domain === '' ? opset : 1 })),
    producerName: options.producer.name,
    producerVersion: options.producer.version,
    metadata: options.metadata ?? new Map(),
    graph: {
      name: graph.name,
      nodes: [...nodes.map(onnxNode), ...summarised.flatMap(summaryNodes)],
      initializers: [
        ...[...graph.constants].filter(([name]) => read.has(name)).map(namedTensor),
        ...nodes.flatMap(operandsOf),
        ...(summarised.length > 0 ? summaryConstants : []),
      ],
      inputs: graph.inputs.map(({ name, dtype, dims }) => ({ name, dtype, dims })),
      outputs: [...[...new Set(outputs)].map((name) => valueInfo(name, facts)), ...summarised.flatMap(summaryInfos)],
      values: [],
    },
  });
}

/** The graph with inputs of a stated number of pictures. */
export function withBatch(graph: Graph, batch: number | undefined): Graph {
  if (batch === undefined) return graph;
  return { ...graph, inputs: graph.inputs.map((input) => ({ ...input, dims: [batch, ...input.dims.slice(1)] })) };
}

/** A node under the name of its operator in ONNX, with what it is written with. */
export type EncodedNode = {
  readonly node: Pick<OnnxNode, 'name' | 'op' | 'domain' | 'inputs' | 'outputs'>;
  readonly encoding: Encoding;
};

export function onnxNode({ node, encoding }: EncodedNode): OnnxNode {
  return {
    ...node,
    inputs: [...node.inputs, ...Object.keys(encoding.operands ?? {}).map((name) => operandName(node, name))],
    attributes: new Map(Object.entries(encoding.attributes ?? {})),
  };
}

/** What ONNX passes as inputs although it is part of the op. */
export function operandsOf({ node, encoding }: EncodedNode): readonly NamedTensor[] {
  return Object.entries(encoding.operands ?? {}).map(([name, tensor]) => ({
    ...tensor,
    name: operandName(node, name),
  }));
}

function operandName(node: EncodedNode['node'], operand: string): string {
  return `${node.name}.${operand}`;
}

/** The data is read each time it is asked for, so that weights stand in memory one at a time. */
export function namedTensor([name, constant]: readonly [string, Constant]): NamedTensor {
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
