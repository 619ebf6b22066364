import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { viewOf } from '../../../../converter/graph/view.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { applyPasses, FOLD, inputPasses } from '../../../../converter/passes/index.ts';
import { pixelStatistics } from '../../../../converter/pixel-statistics.ts';
import { planQuantization } from '../../../../converter/quantize/index.ts';
import { observer } from '../../../../converter/quantize/observe.ts';
import type { QuantizationPlan } from '../../../../converter/quantize/plan.ts';
import { selectValues } from '../../../../converter/quantize/select.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';
import { SAFE } from '../conversions.ts';
import { runInProcess } from '../runner.ts';

const producer = { name: 'test', version: '0' };

/** One named value of a graph on some inputs, computed node by node in float. */
async function computed(graph: Graph, name: string, inputs: readonly Tensor[]): Promise<readonly Tensor<'float32'>[]> {
  const model = await runInProcess(encodeGraph(graph, { producer, observe: [name] }), { optimize: false });
  const found: Tensor<'float32'>[] = [];
  for (const input of inputs) {
    const value = (await model.run({ input }, [name]))[name];
    if (value?.dtype !== 'float32') throw new Error(`expected float32 ${name}`);
    found.push({ ...value, data: value.data.slice() });
  }
  await model.close();
  return found;
}

/** Which bias the INT8 stem has: the plan's, which takes the mean of its weights' errors off again, or the network's own. */
export type StemBias = 'planned' | 'exact';

/** A graph whose first convolution has the weights of its plan, dequantized. */
function withPlannedStem(graph: Graph, plan: QuantizationPlan, which: StemBias): Graph {
  const layer = plan.layers.get('conv1');
  if (!layer?.bias) throw new Error('expected a plan with a bias for conv1');
  const { data, scales, bias, dims } = layer;
  const size = data.length / scales.length;
  const weight = Float32Array.from(data, (q, i) => q * scales[Math.floor(i / size)]!);
  // The pixels' scale is 1.
  const shift = Float32Array.from(bias, (b, row) => b * scales[row]!);
  const constants = new Map(graph.constants);
  constants.set('conv1.weight', { dtype: 'float32', dims, read: () => weight });
  if (which === 'planned') constants.set('conv1.bias', { dtype: 'float32', dims: [shift.length], read: () => shift });
  return { ...graph, constants };
}

export type StemError = { readonly border: number; readonly interior: number };

/**
 * Root mean square error of the first convolution's INT8 output against FP32's, before the output itself is rounded: where a
 * window touches the padding, and elsewhere.
 */
export async function stemError(
  file: Uint8Array,
  preprocessing: Preprocessing,
  calibration: readonly Tensor[],
  inputs: readonly Tensor[],
  bias: StemBias,
): Promise<StemError> {
  const { architecture, weights } = readNetwork(file, 'auto');
  const folded = applyPasses(buildGraph(architecture, weights.tensors, preprocessing.inputSize), FOLD);
  const float = applyPasses(folded, inputPasses(preprocessing, false));
  const pixels = applyPasses(folded, inputPasses(preprocessing, true));
  const names = ['pixels.centred', ...selectValues(viewOf(float)).map(({ value }) => value)];
  const seen = observer(names);
  const model = await runInProcess(encodeGraph(float, { producer, observe: names }), { optimize: true });
  for (const input of calibration) seen.add(await model.run({ input }, names));
  await model.close();
  const statistics = new Map([...seen.statistics(), ...pixelStatistics(preprocessing, seen.statistics())]);
  const plan = planQuantization(pixels, { statistics, covariances: new Map() }, SAFE);

  const exact = await computed(float, 'conv1', inputs);
  const rounded = await computed(withPlannedStem(pixels, plan, bias), 'conv1', inputs);
  return ringErrors(
    exact,
    rounded,
    architecture.stem.kind === 'imagenet' ? { first: 2, last: 1 } : { first: 1, last: 1 },
  );
}

/** `first` rows and columns at the start and `last` at the end are the border. */
function ringErrors(
  exact: readonly Tensor<'float32'>[],
  rounded: readonly Tensor<'float32'>[],
  { first, last }: { readonly first: number; readonly last: number },
): StemError {
  const sums = { border: 0, interior: 0 };
  const counts = { border: 0, interior: 0 };
  for (const [t, { dims, data }] of exact.entries()) {
    const [, , height = 0, width = 0] = dims;
    for (let i = 0; i < data.length; i++) {
      const x = i % width;
      const y = Math.floor(i / width) % height;
      const edge = x < first || y < first || x >= width - last || y >= height - last;
      const where = edge ? 'border' : 'interior';
      sums[where] += (data[i]! - rounded[t]!.data[i]!) ** 2;
      counts[where]++;
    }
  }
  return {
    border: Math.sqrt(sums.border / counts.border),
    interior: Math.sqrt(sums.interior / counts.interior),
  };
}
