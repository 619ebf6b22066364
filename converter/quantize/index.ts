import type { Graph } from '../graph/graph.ts';
import { viewOf } from '../graph/view.ts';
import { planActivations } from './activations.ts';
import type { Covariance } from './covariance.ts';
import { type Equalization, equalizeCovariances, equalizeGraph, equalizeStatistics } from './equalize.ts';
import { chooseEqualization } from './equalize-choose.ts';
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

/**
 * Decides everything that `applyPlan` will do; activations first, since weights and biases depend on their scales. `given` takes the
 * place of an equalization of the recipe's own.
 */
export function planQuantization(
  graph: Graph,
  calibrated: Calibrated,
  recipe: PlanRecipe,
  given?: Equalization,
): QuantizationPlan {
  const { scheme, corrections } = recipe;
  const method = recipe.method === 'auto' ? 'mse' : recipe.method;
  const equalized =
    given ??
    (corrections.includes('equalize')
      ? chooseEqualization(graph, calibrated.statistics, { scheme, method })
      : new Map<string, Float64Array>());
  const statistics = equalizeStatistics(calibrated.statistics, equalized);
  const rescaled = equalizeGraph(graph, equalized);
  const view = viewOf(rescaled);
  const single = planActivations(view, statistics, scheme, method);
  const activations = corrections.includes('streams')
    ? planResidualStreams(view, statistics, noiseGains(rescaled, statistics), scheme, single)
    : single;
  const layers = planLayers(view, activations, statistics, {
    scheme,
    correctBias: corrections.includes('bias'),
    covariances: corrections.includes('rounding')
      ? equalizeCovariances(graph, calibrated.covariances, equalized)
      : new Map(),
  });
  return { activations, layers, equalized, kept: new Map() };
}
