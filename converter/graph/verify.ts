import { ResedgeError } from '../../src/errors.ts';
import type { Fact, Graph } from './graph.ts';
import { infer } from './infer.ts';

/** Dtype and shape of every value of a graph, by name. */
export type Facts = ReadonlyMap<string, Fact>;

/**
 * Checks that every value is defined once and before it is read, that shapes and types fit, and that nothing is left
 * unused; returns the fact of every value. Throws `internal` naming `stage` and the node.
 */
export function verify(graph: Graph, stage: string): Facts {
  const fail = (message: string): never => {
    throw new ResedgeError('internal', `after ${stage}: ${message}`);
  };
  const facts = new Map<string, Fact>();
  const define = (name: string, fact: Fact, owner: string): void => {
    if (facts.has(name)) fail(`${name} is defined again by ${owner}`);
    facts.set(name, fact);
  };
  for (const input of graph.inputs) define(input.name, { dtype: input.dtype, dims: input.dims }, 'an input');
  for (const [name, { dtype, dims }] of graph.constants) define(name, { dtype, dims }, 'a constant');
  const names = new Set<string>();
  const used = new Set<string>(graph.outputs);
  for (const node of graph.nodes) {
    if (names.has(node.name)) fail(`two nodes are named ${node.name}`);
    names.add(node.name);
    const inputs = node.inputs.map((name) => {
      used.add(name);
      return facts.get(name) ?? fail(`${node.name} reads ${name}, which is not defined before it`);
    });
    const [output, ...more] = node.outputs;
    if (output === undefined || more.length > 0) return fail(`expected one output of ${node.name}`);
    try {
      define(output, infer(node, inputs), node.name);
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  }
  for (const name of graph.outputs) if (!facts.has(name)) fail(`the output ${name} is not defined`);
  for (const name of facts.keys()) {
    if (!used.has(name)) fail(`${name} is never read`);
  }
  return facts;
}
