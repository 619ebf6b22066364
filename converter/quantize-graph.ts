import type { Graph } from './graph/graph.ts';
import type { Judge, Judged, Judgement } from './judge.ts';
import { applyPlan } from './quantize/apply.ts';
import type { Equalization } from './quantize/equalize.ts';
import { type Calibrated, type PlanRecipe, planQuantization } from './quantize/index.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import type { Correction } from './quantize/recipe.ts';

/** A correction, tried on top of those kept before it. */
export type Step = Judgement & {
  /** Undefined: ranges and plain rounding alone. */
  readonly correction: Correction | undefined;
  /** False for a step that made the held-back pictures worse, which was left out. */
  readonly kept: boolean;
};

export type QuantizedGraph = {
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  /** Those that were applied. */
  readonly corrections: readonly Correction[];
  /** Empty where they were not judged one by one. */
  readonly steps: readonly Step[];
  readonly judged: Judged;
};

/**
 * A correction that costs more than this, divided by the square root of the number of pictures, is left out; less is the chance of
 * few pictures, since every change rolls all roundings anew. Equalization, which most networks do not need, has to gain.
 */
const WORSE_DB = 8;

/**
 * Plans, applies and judges: first without corrections, then with each one of the recipe's added in turn; or, unless `stepwise`,
 * once with all of them, and once without equalization where that rescaled anything.
 */
export async function quantizeGraph(
  graph: Graph,
  calibrated: Calibrated,
  recipe: PlanRecipe,
  judge: Judge,
  { pictures, stepwise }: { readonly pictures: number; readonly stepwise: boolean },
  onProgress: (done: number, total: number) => void,
): Promise<QuantizedGraph> {
  const attempt = async (corrections: readonly Correction[], equalized?: Equalization) => {
    const plan = planQuantization(graph, calibrated, { ...recipe, corrections }, equalized);
    const quantized = applyPlan(graph, plan);
    return { graph: quantized, plan, corrections, judged: await judge(quantized) };
  };
  const usable = recipe.corrections.filter((name) => name !== 'rounding' || calibrated.covariances.size > 0);
  onProgress(0, stepwise ? usable.length + 1 : 1);
  if (!stepwise) {
    const all = await attempt(usable);
    const others = usable.filter((name) => name !== 'equalize');
    if (all.plan.equalized.size === 0) return { ...all, corrections: others, steps: [] };
    const without = await attempt(others);
    return { ...(sqnrOf(all) > sqnrOf(without) ? all : without), steps: [] };
  }
  let best = await attempt([]);
  const steps: Step[] = [{ correction: undefined, kept: true, ...best.judged.overall }];
  for (const [index, correction] of usable.entries()) {
    onProgress(index + 1, usable.length + 1);
    // Chosen by the statistics alone, whatever other corrections there are.
    const equalized = best.corrections.includes('equalize') ? best.plan.equalized : undefined;
    const next = await attempt([...best.corrections, correction], equalized);
    const gain = sqnrOf(next) - sqnrOf(best);
    const kept = gain > (correction === 'equalize' ? 0 : -WORSE_DB / Math.sqrt(pictures));
    steps.push({ correction, kept, ...next.judged.overall });
    if (kept) best = next;
  }
  return { ...best, steps };
}

function sqnrOf({ judged }: Pick<QuantizedGraph, 'judged'>): number {
  return judged.overall.sqnrDb;
}
