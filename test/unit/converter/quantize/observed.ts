import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { observer } from '../../../../converter/quantize/observe.ts';
import type { Statistics } from '../../../../converter/quantize/statistics.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';
import { seededFile, type Wanted } from '../networks.ts';
import { runInProcess } from '../runner.ts';

export const producer = { name: 'test', version: '0' };

/** A seeded network as trained and with its batch norms folded, both with the float input `input`. */
export function seededGraphs(
  wanted: Wanted,
  size: number,
  seed = 1,
): { readonly trained: Graph; readonly folded: Graph } {
  const { architecture, weights } = readNetwork(seededFile(wanted, seed), 'auto');
  const trained = buildGraph(architecture, weights.tensors, size);
  return { trained, folded: applyPasses(trained, FOLD) };
}

/** Named values of a graph on one batch of feeds, computed node by node. */
export async function valuesOf(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  names: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  const model = await runInProcess(encodeGraph(graph, { producer, observe: names }), { optimize: false });
  const values = await model.run(feeds, names);
  await model.close();
  return values;
}

/** Statistics of the input and of every node's output on one batch. */
export async function statisticsOn(graph: Graph, input: Tensor): Promise<Statistics> {
  const names = graph.nodes.map(({ name }) => name);
  const seen = observer(['input', ...names]);
  seen.add({ input, ...(await valuesOf(graph, { input }, names)) });
  return seen.statistics();
}

export function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.dtype !== 'float32') throw new Error(`expected float32, received ${tensor?.dtype}`);
  return tensor.data;
}
