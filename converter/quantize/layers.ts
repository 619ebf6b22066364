import { ResedgeError } from '../../src/errors.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, type View } from '../graph/view.ts';
import type { LayerPlan } from './plan.ts';
import type { Scheme } from './scheme.ts';
import { isWeighted } from './select.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';
import { type KernelShape, quantizeRow } from './weights.ts';

/** Room above the observed peak of every input channel for pictures that were not seen. */
export const PEAK_MARGIN = 0.125;
/** A stored bias stays below this, well inside int32. */
const BIAS_LIMIT = 2 ** 30;
/** The least product of input and weight scale: a normal float32. */
const MIN_PRODUCT = 1e-36;

type Input = {
  readonly parameters: QuantizationParameters;
  /** Undefined for a value without statistics: every channel may reach the end of its range. */
  readonly statistics: ValueStatistics | undefined;
};

/** Weights and biases of every Conv and Gemm, for inputs that have been planned already. */
export function planLayers(
  view: View,
  activations: ReadonlyMap<string, QuantizationParameters>,
  statistics: Statistics,
  scheme: Scheme,
): ReadonlyMap<string, LayerPlan> {
  const plans = new Map<string, LayerPlan>();
  for (const node of view.graph.nodes) {
    if (!isWeighted(node)) continue;
    const value = inputOf(node, 0);
    const parameters = activations.get(value) ?? dequantizedBy(view, value);
    plans.set(node.name, planLayer(node, view.graph, { parameters, statistics: statistics.get(value) }, scheme));
  }
  return plans;
}

function planLayer(node: Node, graph: Graph, input: Input, scheme: Scheme): LayerPlan {
  const weight = floatConstant(graph, inputOf(node, 1));
  const [rows = 0, channels = 0, height = 1, width = 1] = weight.dims;
  const shape: KernelShape = { channels, height, width };
  const size = channels * height * width;
  const exact = weight.read();
  const bias = node.inputs[2] === undefined ? undefined : floatConstant(graph, node.inputs[2]).read();
  const inputScale = input.parameters.scale;
  const groups = node.op.kind === 'Conv' ? node.op.group : 1;
  const known = channelFacts(input, channels * groups);

  const data = new Int8Array(exact.length);
  const scales = new Float32Array(rows);
  const stored = bias === undefined ? undefined : new Int32Array(rows);
  let limited = 0;
  for (let r = 0; r < rows; r++) {
    const row = exact.subarray(r * size, (r + 1) * size);
    const out = data.subarray(r * size, (r + 1) * size);
    const from = Math.floor(r / (rows / groups)) * channels;
    const of = (values: Float64Array): Float64Array => values.subarray(from, from + channels);
    const target = bias?.[r] ?? 0;
    const quantized = quantizeRow(
      row,
      shape,
      {
        max: scheme.weightMax,
        minScale: Math.max(Math.abs(target) / BIAS_LIMIT, MIN_PRODUCT) / inputScale,
        power: of(known.power),
        ...(scheme.accumulator === 'int16-pairs' ? { peaks: of(known.peak) } : {}),
      },
      out,
    );
    scales[r] = quantized.scale;
    if (quantized.limited) limited++;
    if (stored) {
      const shift = meanShift(row, out, quantized.scale, shape, of(known.mean));
      stored[r] = Math.round((target - shift) / Math.fround(inputScale * quantized.scale));
    }
  }
  return { dims: weight.dims, data, scales, bias: stored, limited };
}

/**
 * What rounding a row's weights adds to the output's mean, which its bias takes off again: sum_k (w'_k - w_k) E[x_k]
 * (Nagel et al. 2019, section 4.2), borders aside.
 */
function meanShift(
  row: Float32Array,
  q: Int8Array,
  scale: number,
  { height, width }: KernelShape,
  mean: Float64Array,
): number {
  const area = height * width;
  let shift = 0;
  for (let i = 0; i < row.length; i++) shift += (q[i]! * scale - row[i]!) * mean[Math.floor(i / area)]!;
  return shift;
}

/** Largest stored value, mean and mean square of every input channel. */
function channelFacts(
  { parameters, statistics }: Input,
  channels: number,
): { readonly peak: Float64Array; readonly mean: Float64Array; readonly power: Float64Array } {
  const { scale, zeroPoint, dtype } = parameters;
  const top = dtype === 'uint16' ? 65535 : dtype === 'uint8' ? 255 : 127;
  const peak = new Float64Array(channels).fill(top);
  const mean = new Float64Array(channels);
  const power = new Float64Array(channels).fill(1);
  if (statistics) {
    if (statistics.channels.max.length !== channels) {
      throw new ResedgeError(
        'input',
        `expected statistics of ${channels} channels, found ${statistics.channels.max.length}: the calibration table was made for another model`,
      );
    }
    for (let c = 0; c < channels; c++) {
      const stored = Math.ceil((statistics.channels.max[c]! * (1 + PEAK_MARGIN)) / scale) + zeroPoint;
      peak[c] = Math.max(0, Math.min(top, stored));
      mean[c] = statistics.channels.mean[c]!;
      // A channel that is always zero still orders its own roundings.
      power[c] = Math.max(statistics.channels.power[c]!, scale * scale);
    }
  }
  return { peak, mean, power };
}

/** Parameters of a value that the graph itself dequantizes. Throws `internal` for any other. */
function dequantizedBy(view: View, value: string): QuantizationParameters {
  const node = view.producer(value);
  if (!isKind(node, 'DequantizeLinear')) throw new ResedgeError('internal', `${value} has no quantization parameters`);
  const zeroPoint = view.graph.constants.get(inputOf(node, 2));
  const scale = floatConstant(view.graph, inputOf(node, 1)).read()[0];
  if (zeroPoint?.dtype !== 'uint8' || scale === undefined) {
    throw new ResedgeError('internal', `expected a uint8 zero point and a scale for ${value}`);
  }
  return { dtype: 'uint8', scale, zeroPoint: zeroPoint.read()[0] ?? 0 };
}
