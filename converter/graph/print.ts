import type { Fact, Graph, Node } from './graph.ts';
import { verify } from './verify.ts';

/** Stable text of a graph: one line a node with attributes and the output's type and shape, for people and golden tests. */
export function print(graph: Graph): string {
  const facts = verify(graph, 'print');
  const type = (fact: Fact | undefined): string => (fact ? `${fact.dtype}[${fact.dims.join(', ')}]` : '?');
  const lines = graph.inputs.map((input) => `input  ${input.name}: ${type(input)}`);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (graph.constants.has(name) ? `${name}: ${type(facts.get(name))}` : name));
    for (const output of node.outputs) {
      lines.push(`${output} = ${node.op.kind}${attributes(node)}(${inputs.join(', ')}): ${type(facts.get(output))}`);
    }
  }
  lines.push(...graph.outputs.map((output) => `output ${output}`));
  return `${lines.join('\n')}\n`;
}

function attributes(node: Node): string {
  const { kind: _, ...rest } = node.op;
  const entries = Object.entries(rest).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join('x') : value}`,
  );
  return entries.length === 0 ? '' : `{${entries.join(' ')}}`;
}
