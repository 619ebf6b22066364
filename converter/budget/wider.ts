import type { Graph } from '../graph/graph.ts';
import type { Equalization } from '../quantize/equalize.ts';
import { type Calibrated, type PlanRecipe, planQuantization } from '../quantize/index.ts';
import type { LayerPlan } from '../quantize/plan.ts';
import { SCHEMES } from '../quantize/scheme.ts';

/** Layers as the recipe's wider scheme stores them, for the same activations; nothing where it has no such scheme. */
export function widerLayers(
  graph: Graph,
  calibrated: Calibrated,
  recipe: PlanRecipe,
  equalized: Equalization,
): { readonly wider?: () => ReadonlyMap<string, LayerPlan> } {
  const { wider } = recipe.scheme;
  if (wider === undefined) return {};
  return { wider: () => planQuantization(graph, calibrated, { ...recipe, scheme: SCHEMES[wider] }, equalized).layers };
}
