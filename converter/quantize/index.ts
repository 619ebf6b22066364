import type { Graph } from '../graph/graph.ts';
import { viewOf } from '../graph/view.ts';
import { planActivations } from './activations.ts';
import type { Covariance } from './covariance.ts';
import { planLayers } from './layers.ts';
import { noiseGains } from './noise-gain.ts';
import type { QuantizationPlan } from './plan.ts';
import type { Correction, Recipe } from './recipe.ts';
import { planResidualStreams } from './residual.ts';
import type { Statistics } from './statistics.ts';

/** What was learnt from calibration. */
export type Calibrated = {
  readonly statistics: Statistics;
  /** By layer; empty where rounding is not learned. */
  readonly covariances: ReadonlyMap<string, Covariance>;
};

/** A recipe whose corrections are decided. */
export type PlanRecipe = Recipe & { readonly corrections: readonly Correction[] };

/** Decides everything that `applyPlan` will do; activations first, since weights and biases depend on their scales. */
export function planQuantization(
  graph: Graph,
  { statistics, covariances }: Calibrated,
  recipe: Recipe,
): QuantizationPlan {
  const { scheme, corrections } = recipe;
  const view = viewOf(graph);
  const method = recipe.method === 'auto' ? 'mse' : recipe.method;
  const single = planActivations(view, statistics, scheme, method);
  const activations = corrections.includes('streams')
    ? planResidualStreams(view, statistics, noiseGains(graph, statistics), scheme, single)
    : single;
  const layers = planLayers(view, activations, statistics, {
    scheme,
    correctBias: corrections.includes('bias'),
    covariances: corrections.includes('rounding') ? covariances : new Map(),
  });
  return { activations, layers };
}
