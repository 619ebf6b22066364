import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import { floatConstant, inputOf, type View } from '../graph/view.ts';
import { type ChannelFacts, channelFacts } from './channel-facts.ts';
import type { Covariance } from './covariance.ts';
import { type PairLimits, pairBounds, pairLimits } from './pairs.ts';
import type { LayerPlan } from './plan.ts';
import { learnRounding } from './rounding.ts';
import { type Scheme, weightMax } from './scheme.ts';
import type { Statistics } from './statistics.ts';
import { storedInput } from './stored.ts';
import { type WeightedLayer, weightedLayers } from './weighted.ts';
import { quantizeRow } from './weights.ts';

/** A stored bias stays below this, well inside int32. */
const BIAS_LIMIT = 2 ** 30;
/** The least product of input and weight scale: a normal float32. */
const MIN_PRODUCT = 1e-36;

export type LayerOptions = {
  readonly scheme: Scheme;
  /** Biases take off what rounding the weights adds to the outputs' means. */
  readonly correctBias: boolean;
  /** By layer: weights are rounded for these inputs; others to the nearest integer. */
  readonly covariances: ReadonlyMap<string, Covariance>;
  /** By layer: scales of the weights that are decided already. */
  readonly scales?: ReadonlyMap<string, Float32Array>;
};

/** Weights and biases of every Conv and Gemm, for inputs that have been planned already. */
export function planLayers(
  view: View,
  activations: ReadonlyMap<string, QuantizationParameters>,
  statistics: Statistics,
  options: LayerOptions,
): ReadonlyMap<string, LayerPlan> {
  const plans = new Map<string, LayerPlan>();
  for (const layer of weightedLayers(view.graph)) {
    const parameters = storedInput(view, activations, layer.input);
    const seen = channelFacts(parameters, statistics.get(layer.input), layer.channels * layer.groups);
    // Of an activation nobody knows that it stays constant; of the pixels' own channel the graph does.
    const facts = activations.has(layer.input) ? { ...seen, constant: undefined } : seen;
    plans.set(layer.name, planLayer(view, layer, parameters.scale, facts, options));
  }
  return plans;
}

function planLayer(
  view: View,
  layer: WeightedLayer,
  inputScale: number,
  facts: ChannelFacts,
  { scheme, correctBias, covariances, scales: given }: LayerOptions,
): LayerPlan {
  const { rows, groups, channels } = layer;
  const [height, width] = layer.kernel;
  const area = height * width;
  const size = channels * area;
  const node = view.graph.nodes.find(({ name }) => name === layer.name)!;
  const weight = floatConstant(view.graph, inputOf(node, 1));
  const exact = weight.read();
  const bias = node.inputs[2] === undefined ? undefined : floatConstant(view.graph, node.inputs[2]).read();

  // What is known of a group's channels, spread over the elements of a row.
  const spread = (values: Float64Array, group: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => values[group * channels + Math.floor(i / area)]!);
  const each = Array.from({ length: groups }, (_, group) => {
    const peaks = facts.peak.subarray(group * channels, (group + 1) * channels);
    const pairs = scheme.accumulator === 'int16-pairs' ? pairLimits({ channels, height, width }, peaks) : undefined;
    return { mean: spread(facts.mean, group), power: spread(facts.power, group), pairs };
  });
  const max = weightMax(scheme);
  const groupOf = (row: number): number => Math.floor(row / (rows / groups));

  const data = new Int8Array(exact.length);
  const scales = new Float32Array(rows);
  let limited = 0;
  for (let r = 0; r < rows; r++) {
    const { power, pairs } = each[groupOf(r)]!;
    const minScale = Math.max(Math.abs(bias?.[r] ?? 0) / BIAS_LIMIT, MIN_PRODUCT) / inputScale;
    const scale = given?.get(layer.name)?.[r];
    const options = { max, minScale, power, ...(pairs ? { pairs } : {}), ...(scale === undefined ? {} : { scale }) };
    const span = [r * size, (r + 1) * size] as const;
    const row = quantizeRow(exact.subarray(...span), options, data.subarray(...span));
    scales[r] = row.scale;
    if (row.limited) limited++;
  }
  const covariance = covariances.get(layer.name);
  if (covariance && !movesChannels(exact)) {
    const rounding = { rows, groups, width: size, max, scales };
    learnRounding(exact, rounding, covariance, data, (group) => each[group]?.pairs);
  }
  const stored = bias === undefined ? undefined : new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    const { mean, pairs } = each[groupOf(r)]!;
    const row = exact.subarray(r * size, (r + 1) * size);
    const out = data.subarray(r * size, (r + 1) * size);
    const scale = scales[r]!;
    if (correctBias && facts.constant !== undefined) {
      balanceTaps(row, out, scale, { area, mean, constant: facts.constant, max }, pairs);
    }
    const shift = correctBias ? meanShift(row, out, scale, mean) : 0;
    if (stored) stored[r] = Math.round(((bias?.[r] ?? 0) - shift) / Math.fround(inputScale * scale));
  }
  return { dims: weight.dims, data, bits: scheme.weightBits, scales, bias: stored, limited };
}

/**
 * What rounding a row's weights adds to the output's mean, which its bias takes off again: sum_k (w'_k - w_k) E[x_k]
 * (Nagel et al. 2019, section 4.2), borders aside.
 */
function meanShift(row: Float32Array, q: Int8Array, scale: number, mean: Float64Array): number {
  let shift = 0;
  for (let i = 0; i < row.length; i++) shift += (q[i]! * scale - row[i]!) * mean[i]!;
  return shift;
}

type Taps = {
  /** Elements of one channel's kernel. */
  readonly area: number;
  readonly mean: Float64Array;
  readonly constant: number;
  readonly max: number;
};

/**
 * Lets the weights of a constant channel take up, tap by tap, what rounding the other channels adds to the mean: a bias would mend
 * the interior alone, where all taps lie in the picture.
 */
function balanceTaps(
  row: Float32Array,
  q: Int8Array,
  scale: number,
  { area, mean, constant, max }: Taps,
  pairs: PairLimits | undefined,
): void {
  for (let tap = 0; tap < area; tap++) {
    let shift = 0;
    for (let i = tap; i < row.length; i += area) {
      if (Math.floor(i / area) !== constant) shift += (q[i]! * scale - row[i]!) * mean[i]!;
    }
    const element = constant * area + tap;
    const wanted = Math.round((row[element]! - shift / mean[element]!) / scale);
    const bound = pairs && pairBounds(pairs, q, 0, element);
    const low = Math.max(-max, bound?.low ?? -max);
    const high = Math.min(max, bound?.high ?? max);
    q[element] = Math.max(low, Math.min(high, wanted));
  }
}

/** True for weights of zeros and ones alone, which are stored exactly and have nothing to learn. */
function movesChannels(weights: Float32Array): boolean {
  return weights.every((value) => value === 0 || value === 1);
}
