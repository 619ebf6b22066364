import type { QuantizeAware } from '../src/onnx/quantize-aware.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import type { Judge, Judged } from './judge.ts';
import { applyPlan } from './quantize/apply.ts';
import { type FakeQuantized, fakeQuantized } from './quantize/fake.ts';
import { planLayers } from './quantize/layers.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import type { Scheme } from './quantize/scheme.ts';
import type { Statistics } from './quantize/statistics.ts';
import { withWeights } from './train/tensors.ts';

/** What came of learning: new values under the names of what is trainable, and how they were learnt; undefined: they stay. */
export type Learnt = { readonly weights: ReadonlyMap<string, Float32Array>; readonly how: QuantizeAware | undefined };

/** Trains what is trainable of a graph. */
export type Learn = (fake: FakeQuantized) => Promise<Learnt>;

export type LearntNetwork = {
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  readonly judged: Judged;
  readonly quantizeAware: QuantizeAware | undefined;
};

type Learning = {
  readonly scheme: Scheme;
  readonly statistics: Statistics;
  readonly judge: Judge;
  readonly learn: Learn;
};

/**
 * Quantization-aware fine-tuning: weights and biases learn behind the roundings of a plan and are stored on its scales, activations keep
 * its parameters. `graph` is the float one that the plan was made for.
 */
export async function learnQuantized(
  graph: Graph,
  plan: QuantizationPlan,
  { scheme, statistics, judge, learn }: Learning,
): Promise<LearntNetwork> {
  const { weights, how } = await learn(fakeQuantized(graph, plan, scheme));
  const learnt = withWeights(graph, weights);
  // What rounding does to the mean is learnt already.
  const layers = planLayers(viewOf(learnt), plan.activations, statistics, {
    scheme,
    correctBias: false,
    covariances: new Map(),
    scales: new Map([...plan.layers].map(([name, { scales }]) => [name, scales])),
  });
  const stored = { ...plan, layers };
  const quantized = applyPlan(learnt, stored);
  return { graph: quantized, plan: stored, judged: await judge(quantized), quantizeAware: how };
}
