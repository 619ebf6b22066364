import { ResedgeError } from '../../src/errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { OpKind } from '../graph/op.ts';
import type { Facts } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';
import type { Emitter } from './emitter.ts';
import { LOGITS } from './loss.ts';
import { ruleOf } from './rules/index.ts';
import type { Site } from './site.ts';
import type { TrainingRecipe } from './types.ts';

/** What the gradients of a graph are written from. */
export type Differentiation = {
  readonly graph: Graph;
  readonly facts: Facts;
  readonly recipe: TrainingRecipe;
  /** Values upstream of which a parameter lies, and the parameters. */
  readonly learning: ReadonlySet<string>;
};

/** Known sizes of a value. */
export function sizesOf(facts: Facts, name: string): readonly number[] {
  return (facts.get(name)?.dims ?? []).map((dim) => {
    if (typeof dim === 'number') return dim;
    throw new ResedgeError('unsupported', `expected every size of ${name} to be known for training, one is ${dim}`);
  });
}

/** Writes the nodes that lead back from the gradient of the logits; returns the gradient of each parameter that has one. */
export function emitBackward(emit: Emitter, of: Differentiation, seed: string): ReadonlyMap<string, string> {
  const { graph, recipe, learning } = of;
  const parts = new Map<string, string[]>([[LOGITS, [seed]]]);
  const total = (value: string): string | undefined =>
    parts.get(value)?.reduce((sum, part) => emit.add('Add', [sum, part]));
  for (const node of graph.nodes.toReversed()) {
    if (!learning.has(outputOf(node))) continue;
    emit.within(`${node.name}/gradient`);
    const gradient = total(outputOf(node));
    if (gradient === undefined) continue;
    const site = siteOf(emit, of, node);
    const rule = ruleOf(node.op.kind, recipe.norms) ?? site.refuse('an op that gradients pass');
    rule(site, gradient).forEach((part, index) => {
      const value = node.inputs[index];
      if (part === undefined || value === undefined || !learning.has(value)) return;
      const list = parts.get(value);
      if (list) list.push(part);
      else parts.set(value, [part]);
    });
  }
  emit.within('');
  return new Map(
    [...recipe.trainable].flatMap((name) => {
      const gradient = total(name);
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
}

/** What rules are told of a node. */
export function siteOf(emit: Emitter, { graph, facts, learning }: Differentiation, node: Node): Site<OpKind> {
  const input = (index: number): string => node.inputs[index] ?? '';
  return {
    op: node.op,
    node,
    emit,
    needs: (index) => learning.has(input(index)),
    input,
    dims: (index) => sizesOf(facts, input(index)),
    dtype: (index) => facts.get(input(index))?.dtype ?? 'float32',
    output: outputOf(node),
    outputDims: sizesOf(facts, outputOf(node)),
    constant: (index) => {
      const name = input(index);
      return learning.has(name) ? undefined : (graph.constants.get(name)?.read() as ArrayLike<number> | undefined);
    },
    refuse: (expected) => {
      throw new ResedgeError(
        'unsupported',
        `cannot train through ${node.name} (${node.op.kind}): expected ${expected}`,
      );
    },
  };
}
