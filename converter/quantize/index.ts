import type { Graph } from '../graph/graph.ts';
import { viewOf } from '../graph/view.ts';
import { planActivations } from './activations.ts';
import { planLayers } from './layers.ts';
import type { QuantizationPlan } from './plan.ts';
import type { RangeMethod } from './range.ts';
import type { Scheme } from './scheme.ts';
import type { Statistics } from './statistics.ts';

/** What is wanted of a quantization. */
export type Recipe = {
  readonly scheme: Scheme;
  /** `auto` is the method with the least error. */
  readonly method: RangeMethod | 'auto';
};

/** Decides everything that `applyPlan` will do; activations first, since weights and biases depend on their scales. */
export function planQuantization(graph: Graph, statistics: Statistics, recipe: Recipe): QuantizationPlan {
  const view = viewOf(graph);
  const method = recipe.method === 'auto' ? 'mse' : recipe.method;
  const activations = planActivations(view, statistics, recipe.scheme, method);
  return { activations, layers: planLayers(view, activations, statistics, recipe.scheme) };
}
