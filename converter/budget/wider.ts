import type { Graph } from '../graph/graph.ts';
import type { Equalization } from '../quantize/equalize.ts';
import { type Calibrated, type PlanRecipe, planQuantization } from '../quantize/index.ts';
import type { LayerPlan } from '../quantize/plan.ts';
import { SCHEMES } from '../quantize/scheme.ts';

/** Layers as the recipe's wider scheme stores them, for the same activations; none where it has no such scheme. */
export function widerLayers(
  graph: Graph,
  calibrated: Calibrated,
  recipe: PlanRecipe,
  equalized: Equalization,
): ReadonlyMap<string, LayerPlan> {
  const { wider } = recipe.scheme;
  if (wider === undefined) return new Map();
  return planQuantization(graph, calibrated, { ...recipe, scheme: SCHEMES[wider] }, equalized).layers;
}
