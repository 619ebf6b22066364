import type { Tensor } from '../src/tensor/tensor.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import { someOf, summaryOf } from './exchange/summary.ts';
import type { FloatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import { takeOffFactors } from './quantize/equalize.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { quantizedName } from './quantize/stored.ts';
import { floats, type ModelRunner } from './runner.ts';
import type { SaturationCounter } from './saturation.ts';

/** Batches of which every value is kept, at most; one where a single picture has values enough. */
const COMPARED = 2;

type Values = Readonly<Record<string, Tensor>>;

/** What the float graph makes of some inputs. */
export type Reference = {
  /** For every batch. */
  readonly logits: readonly Float32Array[];
  /** The first few batches, and the values of each. */
  readonly few: readonly { readonly input: Tensor; readonly values: Values }[];
  /** Names of those values; of the summarised ones, the part that a summary holds. */
  readonly whole: readonly string[];
  readonly summarised: readonly string[];
};

/** Runs the float model once over all batches. */
export async function referenceOn(
  model: FloatModel,
  batches: readonly Tensor[],
  onProgress: (done: number, total: number) => void,
): Promise<Reference> {
  const [logits = ''] = model.graph.outputs;
  const { session, whole, summarised } = await model.all();
  const names = [logits, ...whole, ...summarised.map((name) => summaryOf(name).some)];
  const compared = batches[0]?.dims[0] === 1 ? 1 : COMPARED;
  const few: { readonly input: Tensor; readonly values: Values }[] = [];
  const all: Float32Array[] = [];
  for (const [index, input] of batches.entries()) {
    const values = await session.run({ input }, index < compared ? names : [logits]);
    if (index < compared) few.push({ input, values });
    all.push(floats(values, logits));
    onProgress(index + 1, batches.length);
  }
  return { logits: all, few, whole, summarised };
}

/**
 * SQNR of every quantized value and of the logits against the float graph. `look` is shown the stored values that it asks for.
 */
export async function compareLayers(
  { few, whole, summarised }: Reference,
  quantized: Graph,
  plan: QuantizationPlan,
  producer: Producer,
  run: ModelRunner,
  look: Pick<SaturationCounter, 'inputs' | 'add'>,
): Promise<readonly LayerFidelity[]> {
  const result = comparison();
  const [logits = ''] = quantized.outputs;
  const sampled = new Set(summarised);
  const shown = new Set([...whole, ...summarised]);
  const compared = [...plan.activations].filter(([name]) => shown.has(name));
  const stored = [...new Set([...compared.map(([name]) => quantizedName(name)), ...look.inputs])];
  const session = await run(encodeGraph(quantized, { producer, observe: stored }), { optimize: true });
  try {
    for (const { input, values } of few) {
      const found = await session.run({ input }, [...stored, logits]);
      look.add(found);
      for (const [name, activation] of compared) {
        const integers = found[quantizedName(name)];
        if (integers === undefined) continue;
        const factors = plan.equalized.get(name);
        const reals = realsOf(integers, activation);
        const all = factors ? takeOffFactors(reals, integers.dims, factors) : reals;
        if (sampled.has(name)) result.add(name, floats(values, summaryOf(name).some), someOf(all, integers.dims));
        else result.add(name, floats(values, name), all);
      }
      result.add(logits, floats(values, logits), floats(found, logits));
    }
  } finally {
    await session.close();
  }
  return result.fidelity();
}
