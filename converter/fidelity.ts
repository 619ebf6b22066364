import type { Tensor } from '../src/tensor/tensor.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { FloatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { quantizedName } from './quantize/apply.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { floats, type ModelRunner, type RunningModel } from './runner.ts';

/** Batches compared, at most; one where a single picture has values enough. */
const COMPARED = 2;

/** SQNR of every quantized value and of the logits against the float graph, over the first few batches of inputs. */
export async function compareLayers(
  reference: FloatModel,
  quantized: Graph,
  plan: QuantizationPlan,
  samples: readonly Tensor[],
  producer: Producer,
  run: ModelRunner,
): Promise<readonly LayerFidelity[]> {
  const result = comparison();
  const [logits = ''] = quantized.outputs;
  const few = samples.slice(0, samples[0]?.dims[0] === 1 ? 1 : COMPARED);
  for (const [index, group] of reference.groups.entries()) {
    const values = group.filter((name) => plan.activations.has(name));
    const names = index === reference.groups.length - 1 ? [...values, logits] : values;
    const exact = await runAll(await reference.session(index), few, names);
    await reference.close();
    const stored = values.map(quantizedName);
    const session = await run(encodeGraph(quantized, { producer, observe: stored }), { optimize: true });
    try {
      const rounded = await runAll(session, few, [...stored, ...names.slice(values.length)]);
      for (const [i, expected] of exact.entries()) {
        for (const name of names) {
          const activation = plan.activations.get(name);
          const integers = rounded[i]?.[quantizedName(name)];
          const found = activation && integers ? realsOf(integers, activation) : floats(rounded[i] ?? {}, name);
          result.add(name, floats(expected, name), found);
        }
      }
    } finally {
      await session.close();
    }
  }
  return result.fidelity();
}

type Values = Readonly<Record<string, Tensor>>;

async function runAll(
  model: RunningModel,
  inputs: readonly Tensor[],
  names: readonly string[],
): Promise<readonly Values[]> {
  const all: Values[] = [];
  for (const input of inputs) all.push(await model.run({ input }, names));
  return all;
}
