import type { Tensor } from '../src/tensor/tensor.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import { fetchGroups } from './fetch-groups.ts';
import type { Graph } from './graph/graph.ts';
import { quantizedName } from './quantize/apply.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { floats, type ModelRunner, type RunningModel } from './runner.ts';

/** Batches compared, at most. */
const COMPARED = 2;

type Reference = { readonly model: RunningModel; readonly graph: Graph };

/** SQNR of every quantized value and of the logits against the float graph, over the first few batches of inputs. */
export async function compareLayers(
  reference: Reference,
  quantized: Graph,
  plan: QuantizationPlan,
  samples: readonly Tensor[],
  producer: Producer,
  run: ModelRunner,
): Promise<readonly LayerFidelity[]> {
  const values = [...plan.activations.keys()];
  const [logits = ''] = quantized.outputs;
  const session = await run(encodeGraph(quantized, { producer, observe: values.map(quantizedName) }), {
    optimize: true,
  });
  const result = comparison();
  try {
    for (const input of samples.slice(0, COMPARED)) {
      for (const group of fetchGroups(reference.graph, [...values, logits], input.dims[0] ?? 1)) {
        const exact = await reference.model.run({ input }, group);
        const rounded = await session.run(
          { input },
          group.map((name) => (name === logits ? name : quantizedName(name))),
        );
        for (const name of group) {
          const activation = plan.activations.get(name);
          const stored = rounded[quantizedName(name)];
          if (activation && stored) result.add(name, floats(exact, name), realsOf(stored, activation));
          else result.add(name, floats(exact, name), floats(rounded, name));
        }
      }
    }
  } finally {
    await session.close();
  }
  return result.fidelity();
}
