import type { Graph } from '../graph/graph.ts';
import { floatConstant, inputOf, outputOf, type View, viewOf } from '../graph/view.ts';
import { storedRange } from './activations.ts';
import { type ChannelFacts, channelFacts } from './channel-facts.ts';
import { channelsOfKernels, type Equalization, type Seam, seamsOf } from './equalize.ts';
import { rescaler } from './equalize-histogram.ts';
import { storageNoise } from './noise.ts';
import { type NoiseGains, noiseGains } from './noise-gain.ts';
import { pairLimits } from './pairs.ts';
import type { RangeMethod } from './range.ts';
import { activationLimits, type Scheme, weightMax } from './scheme.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';
import { quantizeRow } from './weights.ts';

/** How far the reader's weights count against the value's own channels: 0 makes the channels equally large, 1 the weights. */
const SHARES = [0, 0.25, 0.5, 0.75, 1];
/** Factors reach from 1 to this: a channel that was hardly seen may still grow. */
const MOST = 64;
/** Rows of the reader's weights that are quantized to see what they lose. */
const ROWS = 4;
/** Only a fall of the noise to this share or less is worth a rescaling: the estimate is no better. */
const WORTH = 0.7;

export type EqualizeOptions = { readonly scheme: Scheme; readonly method: RangeMethod };

/**
 * Chooses what to multiply channels by, value by value, so that less noise is to be expected at the logits: of the activation's
 * rounding and clipping, and of rounding the weights that read it. The factors lie between those that make all channels equally
 * large and those that make the reader's weights so (Nagel et al. 2019, equation 11, is the middle); a value that no choice helps
 * clearly is left out.
 */
export function chooseEqualization(graph: Graph, statistics: Statistics, options: EqualizeOptions): Equalization {
  const view = viewOf(graph);
  const gains = noiseGains(graph, statistics);
  const chosen = new Map<string, Float64Array>();
  for (const seam of seamsOf(view)) {
    const seen = statistics.get(seam.value);
    const gain = gains.get(seam.value);
    if (seen === undefined || gain?.length !== seen.channels.max.length) continue;
    const rescale = rescaler(seen);
    const weights = weightsOf(view, seam, gains, seen);
    const noise = (factors: Float64Array): number => {
      const stats = rescale(factors);
      const stored = storedRange(stats, options.scheme, options.method);
      const facts = channelFacts(stored, stats, factors.length);
      return (
        activationNoise(stats, stored, gain, factors, options.scheme) +
        weightNoise(facts, weights, factors, options.scheme)
      );
    };
    const plain = noise(new Float64Array(gain.length).fill(1));
    let least = plain * WORTH;
    for (const share of SHARES) {
      const factors = factorsFor(seen, weights.peaks, share);
      const found = noise(factors);
      if (found >= least) continue;
      least = found;
      chosen.set(seam.value, factors);
    }
  }
  return chosen;
}

/** Factors from 1 to MOST; 1 for channels that are silent or not read. */
function factorsFor({ channels }: ValueStatistics, peaks: Float64Array, share: number): Float64Array {
  const wanted = Float64Array.from(channels.max, (max, c) =>
    max > 0 && peaks[c]! > 0 ? peaks[c]! ** share / max ** (1 - share) : 0,
  );
  const least = wanted.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Number.POSITIVE_INFINITY);
  return wanted.map((factor) => Math.max(1, Math.min(MOST, factor / least)));
}

/** Noise of storing the rescaled value, as it reaches the logits once the factors are taken off. */
function activationNoise(
  stats: ValueStatistics,
  { range }: Pick<ReturnType<typeof storedRange>, 'range'>,
  gain: Float64Array,
  factors: Float64Array,
  scheme: Scheme,
): number {
  const [low, high] = activationLimits(scheme);
  const { rounding, clipping } = storageNoise(stats, range.min, range.max, high - low);
  return gain.reduce((sum, value, c) => sum + (value * (rounding + clipping)) / factors[c]! ** 2, 0);
}

type ReaderWeights = {
  readonly rows: readonly { readonly data: Float32Array; readonly group: number; readonly gain: number }[];
  /** Input channels of one group, and elements of one channel's kernel. */
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number };
  /** Largest magnitude among the weights of every input channel. */
  readonly peaks: Float64Array;
};

function weightsOf(view: View, { reader }: Seam, gains: NoiseGains, seen: ValueStatistics): ReaderWeights {
  const weight = floatConstant(view.graph, inputOf(reader, 1));
  const data = weight.read();
  const [rows = 1, channels = 1, height = 1, width = 1] = weight.dims;
  const area = height * width;
  const peaks = new Float64Array(seen.channels.max.length);
  const rowsPerGroup = rows / (peaks.length / channels);
  const channelOf = channelsOfKernels(weight.dims, peaks.length);
  for (let kernel = 0; kernel < rows * channels; kernel++) {
    const channel = channelOf(kernel);
    let peak = peaks[channel]!;
    for (let i = kernel * area; i < (kernel + 1) * area; i++) peak = Math.max(peak, Math.abs(data[i]!));
    peaks[channel] = peak;
  }
  const gain = gains.get(outputOf(reader));
  const count = Math.min(ROWS, rows);
  const drawn = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(((i + 0.5) * rows) / count);
    return {
      data: data.slice(row * channels * area, (row + 1) * channels * area),
      group: Math.floor(row / rowsPerGroup),
      gain: ((gain?.[row] ?? 0) * rows) / count,
    };
  });
  return { rows: drawn, shape: { channels, height, width }, peaks };
}

/** Noise of rounding the reader's weights, of which a few rows stand for all. */
function weightNoise(
  facts: ChannelFacts,
  { rows, shape }: ReaderWeights,
  factors: Float64Array,
  scheme: Scheme,
): number {
  const { channels, height, width } = shape;
  const area = height * width;
  let noise = 0;
  for (const { data, group, gain } of rows) {
    const channelOf = (index: number): number => group * channels + Math.floor(index / area);
    const row = data.map((value, i) => value / factors[channelOf(i)]!);
    const power = Float64Array.from(row, (_, i) => facts.power[channelOf(i)]!);
    const peaks = facts.peak.subarray(group * channels, (group + 1) * channels);
    const out = new Int8Array(row.length);
    const { scale } = quantizeRow(
      row,
      {
        max: weightMax(scheme),
        minScale: Number.MIN_VALUE,
        power,
        ...(scheme.accumulator === 'int16-pairs' ? { pairs: pairLimits(shape, peaks) } : {}),
      },
      out,
    );
    for (let i = 0; i < row.length; i++) noise += gain * power[i]! * (out[i]! * scale - row[i]!) ** 2;
  }
  return noise;
}
