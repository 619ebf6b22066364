import type { Graph } from '../graph/graph.ts';
import type { Judge } from '../judge.ts';
import { applyPlan } from '../quantize/apply.ts';
import { keepInFloat } from '../quantize/kept.ts';
import type { LayerPlan, QuantizationPlan } from '../quantize/plan.ts';
import { type Part, partsOf } from './parts.ts';

/** `wider`: weights of 8 bits instead of 4, which are as fast. */
export type Precision = 'wider' | 'float';

/** A part, and how it is kept. */
export type Rung = {
  readonly part: Part;
  readonly precision: Precision;
  /** SQNR of the logits with this part alone in integers. */
  readonly sqnrDb: number;
};

/** A quantization, and what of it can be had in higher precision. */
export type Quantized = {
  /** In float. */
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  /** Layers whose weights take more bits; empty where there are none. */
  readonly wider: ReadonlyMap<string, LayerPlan>;
};

/** Why a node is in float, in a plan. */
const REASON = 'kept in float: budget';

/**
 * Measures the noise of every part that can be kept so, with all others in float, on top of the rungs `below`. Those come first that
 * make the most noise for what they cost: their weights' bytes or, in float, their time.
 */
export async function measureRungs(
  quantized: Quantized,
  precision: Precision,
  below: readonly Rung[],
  judge: Judge,
  onProgress: (done: number, total: number) => void,
): Promise<readonly Rung[]> {
  const { graph, wider } = quantized;
  const plan = planWith(quantized, below);
  const all = partsOf(graph);
  const parts = precision === 'float' ? all : all.filter(({ nodes }) => nodes.some((name) => wider.has(name)));
  const rungs: Rung[] = [];
  for (const [index, part] of parts.entries()) {
    onProgress(index, parts.length);
    const others = all.filter((other) => other !== part).flatMap(({ nodes }) => nodes);
    const alone = keepInFloat(graph, plan, new Map(others.map((name) => [name, REASON])));
    const { sqnrDb } = (await judge(applyPlan(graph, alone))).overall;
    rungs.push({ part, precision, sqnrDb });
  }
  onProgress(parts.length, parts.length);
  const worth = (rung: Rung): number => 10 ** (-rung.sqnrDb / 10) / costOf(rung);
  return rungs.toSorted((a, b) => worth(b) - worth(a));
}

/** The price of a rung: bytes of weights or, dearer than any of them, time. */
export function costOf({ part, precision }: Rung): number {
  return precision === 'float' ? part.cost : part.weights;
}

/** Without those that another makes needless: what is in float has no weights to widen. */
export function effective(rungs: readonly Rung[]): readonly Rung[] {
  const float = new Set(rungs.filter(({ precision }) => precision === 'float').map(({ part }) => part.name));
  return rungs.filter(({ part, precision }) => precision === 'float' || !float.has(part.name));
}

/** The plan with these rungs kept. */
export function planWith({ graph, plan, wider }: Quantized, rungs: readonly Rung[]): QuantizationPlan {
  const nodesOf = (precision: Precision): readonly string[] =>
    rungs.filter((rung) => rung.precision === precision).flatMap(({ part }) => part.nodes);
  const widened = new Set(nodesOf('wider'));
  const layers = new Map(
    [...plan.layers].map(([name, layer]) => [name, (widened.has(name) && wider.get(name)) || layer]),
  );
  return keepInFloat(graph, { ...plan, layers }, new Map(nodesOf('float').map((name) => [name, REASON])));
}
