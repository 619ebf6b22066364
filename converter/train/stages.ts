import type { Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

/** How much of a network is tuned: what stands behind the last change of size, or everything. */
export type Depth = 'last-stage' | 'all';

/** What a stage learns more slowly by than the one behind it. */
const SLOWER = 0.3;
/** Names of torchvision's stages, whose first convolutions may still have the size of the stage before. */
const STAGE = /(?:^|[./])layer(\d+)[./]/;

/**
 * Weights and biases of convolutions, linear layers and batch norms that are tuned, by name, and the factor on the
 * learning rate of each: 1 in the last stage and the head, 0.3 for every stage before it.
 */
export function tunedRates(graph: Graph, depth: Depth): ReadonlyMap<string, number> {
  const stages = stagesOf(graph);
  const last = Math.max(...stages.values());
  const rates = new Map<string, number>();
  for (const [name, stage] of stages) {
    if (depth === 'all' || stage === last) rates.set(name, SLOWER ** (last - stage));
  }
  return rates;
}

/** The stage, ascending, of all that can be tuned: by the names of the nodes, else by the size of what they make. */
function stagesOf(graph: Graph): ReadonlyMap<string, number> {
  const facts = verify(graph, 'the choice of stages');
  const named = graph.nodes.some(({ name }) => STAGE.test(name));
  const stages = new Map<string, number>();
  let [stage, area] = [0, Number.POSITIVE_INFINITY];
  for (const node of graph.nodes) {
    if (named) stage = Math.max(stage, Number(STAGE.exec(node.name)?.[1] ?? 0));
    else {
      const [, , height, width] = facts.get(outputOf(node))?.dims ?? [];
      const size = Number(height) * Number(width);
      // A size of one is that of pooled values, inside of a block or at the end.
      if (size > 1 && size < area) {
        if (area < Number.POSITIVE_INFINITY) stage++;
        area = size;
      }
    }
    for (const name of tunable(node)) {
      if (graph.constants.get(name)?.dtype === 'float32' && !stages.has(name)) stages.set(name, stage);
    }
  }
  return stages;
}

/** Its weight and bias; the statistics of a norm stay. */
function tunable({ op, inputs }: Node): readonly string[] {
  switch (op.kind) {
    case 'Conv':
    case 'Gemm':
    case 'BatchNormalization':
      return inputs.slice(1, 3);
    default:
      return [];
  }
}
