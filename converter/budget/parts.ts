import { elementCount } from '../../src/tensor/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { inputOf, isKind, outputOf, type View, viewOf } from '../graph/view.ts';
import { isDecided } from '../quantize/kept.ts';
import { isWeighted } from '../quantize/weighted.ts';

/** What is kept in higher precision together: one layer, or the additions of one residual stream, which gain together alone. */
export type Part = {
  readonly name: string;
  readonly nodes: readonly string[];
  /** What float costs over integers, as the number of multiplications that would cost as much. */
  readonly cost: number;
  /** 0 for additions. */
  readonly weights: number;
};

/** An element that passes between integers and float counts as so many multiplications. */
const ELEMENT_COST = 100;

/** Every layer and every stream's additions of a float graph, in order of execution. */
export function partsOf(graph: Graph): readonly Part[] {
  const facts = verify(graph, 'budget');
  const view = viewOf(graph);
  const parts: Part[] = [];
  const streams = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    if (isWeighted(node)) parts.push(layerPart(node, facts));
    if (!isKind(node, 'Add')) continue;
    const stream = node.inputs.map((value) => streams.get(makerOf(view, value)?.name ?? '')).find(Boolean) ?? [];
    stream.push(node);
    streams.set(node.name, stream);
  }
  for (const stream of new Set(streams.values())) parts.push(additionsPart(stream, facts));
  return parts;
}

function layerPart(node: Node, facts: Facts): Part {
  const dims = (facts.get(inputOf(node, 1))?.dims ?? []).map(Number);
  const weights = elementCount(dims);
  const output = elements(facts, outputOf(node));
  const multiplications = output * elementCount(dims.slice(1));
  const passing = elements(facts, inputOf(node, 0)) + output;
  return { name: node.name, nodes: [node.name], cost: multiplications + ELEMENT_COST * passing, weights };
}

function additionsPart(stream: readonly Node[], facts: Facts): Part {
  const values = stream.flatMap((node) => [...node.inputs, outputOf(node)]);
  const passing = values.reduce((sum, value) => sum + elements(facts, value), 0);
  const [first, last] = [stream[0]!.name, stream.at(-1)!.name];
  const name = stream.length === 1 ? first : `${first} to ${last}`;
  return { name, nodes: stream.map((node) => node.name), cost: ELEMENT_COST * passing, weights: 0 };
}

/** The Conv, Gemm or Add that a value comes from, past nodes that only follow one. */
function makerOf(view: View, value: string): Node | undefined {
  const node = view.producer(value);
  return node === undefined || isDecided(node) ? node : makerOf(view, inputOf(node, 0));
}

/** Elements of one picture's value. */
function elements(facts: Facts, value: string): number {
  const [, ...dims] = facts.get(value)?.dims ?? [];
  return elementCount(dims.map(Number));
}
