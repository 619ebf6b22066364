import type { Tensor } from '../src/tensor/tensor.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { Graph } from './graph/graph.ts';
import { floats } from './prove.ts';
import { quantizedName } from './quantize/apply.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import type { ModelRunner, RunningModel } from './runner.ts';

/** SQNR of every quantized value and of the logits against the float graph, over some batches of inputs. */
export async function compareLayers(
  reference: RunningModel,
  quantized: Graph,
  plan: QuantizationPlan,
  samples: readonly Tensor[],
  producer: Producer,
  run: ModelRunner,
): Promise<readonly LayerFidelity[]> {
  const values = [...plan.activations.keys()];
  const [logits = ''] = quantized.outputs;
  const stored = values.map(quantizedName);
  const session = await run(encodeGraph(quantized, { producer, observe: stored }), { optimize: true });
  const result = comparison();
  try {
    for (const input of samples) {
      const exact = await reference.run({ input }, [...values, logits]);
      const rounded = await session.run({ input }, [...stored, logits]);
      for (const [value, activation] of plan.activations) {
        const integers = rounded[quantizedName(value)];
        if (integers) result.add(value, floats(exact, value), realsOf(integers, activation));
      }
      result.add(logits, floats(exact, logits), floats(rounded, logits));
    }
  } finally {
    await session.close();
  }
  return result.fidelity();
}
