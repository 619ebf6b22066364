import { inputOf, isKind, outputOf, type View } from '../graph/view.ts';
import { storageNoise } from './noise.ts';
import { type NoiseGains, totalGain } from './noise-gain.ts';
import type { ActivationPlan } from './plan.ts';
import { activationLimits, type Scheme } from './scheme.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';

/** Scales tried along a residual stream, evenly spaced in their logarithm. */
const GRID = 64;
/** The grid reaches from this share of the least single scale to this multiple of the largest. */
const GRID_FROM = 0.5;
const GRID_TO = 1.25;
/** Zero points tried where a scale cannot cover both ends. */
const WINDOWS = 16;

/** One Add: the stream goes in, the branch is added, the sum (after its ReLU) is stored. */
type Block = { readonly branch: string; readonly sum: string };
/** A stream from the value that starts it; `start` is stored, and every later `sum` continues it. */
type Stream = { readonly start: string; readonly blocks: readonly Block[] };

/**
 * Chooses the scales along residual streams together. Storing a sum costs a rounding of its own, unless stream, branch and sum
 * have one scale: then the sum of stored integers is the stored integer of the sum, exactly, and the block rounds once instead of
 * twice. One scale for several blocks fits each of them less well. For every stream, the cheapest choice (least expected noise at
 * the logits) is found by dynamic programming over a grid of scales: a block either keeps the stream's scale and its branch
 * takes it too, or changes it and rounds again.
 */
export function planResidualStreams(
  view: View,
  statistics: Statistics,
  gains: NoiseGains,
  scheme: Scheme,
  single: ReadonlyMap<string, ActivationPlan>,
): ReadonlyMap<string, ActivationPlan> {
  const [low, high] = activationLimits(scheme);
  const { symmetric } = scheme.activation;
  const plans = new Map(single);
  const seen = (value: string): ValueStatistics => statistics.get(value)!;

  const windowAt = (value: string, scale: number): Window => {
    const { min, max } = seen(value);
    return bestWindow(seen(value), symmetric ? [0] : zeroPoints(min, max, scale, low, high), scale, low, high);
  };
  for (const stream of streamsOf(view, single)) {
    const scales = [stream.start, ...stream.blocks.map((block) => block.sum)].map((value) => single.get(value)!.scale);
    const grid = logGrid(Math.min(...scales) * GRID_FROM, Math.max(...scales) * GRID_TO);
    const costs = stream.blocks.map(({ branch, sum }) => {
      const own = single.get(branch)!;
      const gain = { branch: totalGain(gains, branch), sum: totalGain(gains, sum) };
      const free = noiseOf(seen(branch), own, low, high);
      return {
        // Per scale of the grid: the branch at the stream's scale, the sum clipped, the sum's rounding.
        branch: grid.map((scale) => gain.branch * windowAt(branch, scale).noise),
        free: gain.branch * free,
        clipping: grid.map((scale) => gain.sum * windowAt(sum, scale).clipping),
        rounding: grid.map((scale) => gain.sum * (windowAt(sum, scale).noise - windowAt(sum, scale).clipping)),
      };
    });
    const startGain = totalGain(gains, stream.start);
    let cost = grid.map((scale) => startGain * windowAt(stream.start, scale).noise);
    const steps = costs.map((block) => {
      const cheapest = indexOfLeast(cost);
      const before = cost;
      const tied = grid.map((_, i) => before[i]! + block.branch[i]! + block.clipping[i]!);
      const fresh = grid.map((_, i) => before[cheapest]! + block.free + block.clipping[i]! + block.rounding[i]!);
      cost = grid.map((_, i) => Math.min(tied[i]!, fresh[i]!));
      return { tied: grid.map((_, i) => tied[i]! <= fresh[i]!), cheapest };
    });

    let at = indexOfLeast(cost);
    const set = (value: string, reason: string): void => {
      const scale = Math.fround(grid[at]!);
      plans.set(value, { ...single.get(value)!, scale, zeroPoint: windowAt(value, scale).zeroPoint, reason });
    };
    for (let i = stream.blocks.length - 1; i >= 0; i--) {
      const { branch, sum } = stream.blocks[i]!;
      const tied = steps[i]!.tied[at] === true;
      set(
        sum,
        tied ? 'has the scale of the stream it continues: its addition is exact' : 'starts a new scale of its stream',
      );
      if (tied) set(branch, `has the scale of ${sum}, which adds it exactly`);
      else at = steps[i]!.cheapest;
    }
    set(stream.start, 'has the scale of the stream that it starts');
  }
  for (const [value, plan] of plans) {
    const shared = plan.sharesWith === undefined ? undefined : plans.get(plan.sharesWith);
    if (shared) plans.set(value, { ...plan, scale: shared.scale, zeroPoint: shared.zeroPoint });
  }
  return plans;
}

/** Streams in order of execution: an Add whose one operand continues a stream extends it, else it starts one. */
function streamsOf(view: View, plans: ReadonlyMap<string, ActivationPlan>): readonly Stream[] {
  const streams: { start: string; blocks: Block[]; tail: string }[] = [];
  const rootOf = (value: string): string => {
    let root = value;
    for (let next = plans.get(root)?.sharesWith; next !== undefined; next = plans.get(root)?.sharesWith) root = next;
    return root;
  };
  for (const node of view.graph.nodes) {
    if (!isKind(node, 'Add')) continue;
    const [first, second] = [inputOf(node, 0), inputOf(node, 1)];
    const reader = view.consumers(outputOf(node))[0];
    const sum = plans.has(outputOf(node)) ? outputOf(node) : reader ? outputOf(reader) : '';
    if (!plans.has(first) || !plans.has(second) || !plans.has(sum)) continue;
    const known = streams.find(({ tail }) => tail === rootOf(first) || tail === rootOf(second));
    if (known) {
      const branch = known.tail === rootOf(first) ? second : first;
      known.blocks.push({ branch, sum });
      known.tail = sum;
    } else {
      // Two fresh operands: the one that only passed a shortcut stands second, as the builder writes it.
      streams.push({ start: rootOf(second), blocks: [{ branch: first, sum }], tail: sum });
    }
  }
  return streams;
}

type Window = { readonly zeroPoint: number; readonly noise: number; readonly clipping: number };

function bestWindow(
  statistics: ValueStatistics,
  candidates: readonly number[],
  scale: number,
  low: number,
  high: number,
): Window {
  let best: Window | undefined;
  for (const zeroPoint of candidates) {
    const { rounding, clipping } = storageNoise(
      statistics,
      (low - zeroPoint) * scale,
      (high - zeroPoint) * scale,
      high - low,
    );
    if (best === undefined || rounding + clipping < best.noise)
      best = { zeroPoint, noise: rounding + clipping, clipping };
  }
  return best ?? { zeroPoint: low, noise: 0, clipping: 0 };
}

/** Zero points from the one that covers the lower end to the one that covers the upper end. */
function zeroPoints(min: number, max: number, scale: number, low: number, high: number): readonly number[] {
  const clamp = (value: number): number => Math.max(low, Math.min(high, Math.round(value)));
  const lower = clamp(low - Math.min(0, min) / scale);
  const upper = clamp(high - Math.max(0, max) / scale);
  if (lower <= upper) return [lower];
  const count = Math.min(WINDOWS, lower - upper);
  return Array.from({ length: count + 1 }, (_, i) => Math.round(upper + ((lower - upper) * i) / count));
}

function noiseOf(statistics: ValueStatistics, { scale, zeroPoint }: ActivationPlan, low: number, high: number): number {
  const { rounding, clipping } = storageNoise(
    statistics,
    (low - zeroPoint) * scale,
    (high - zeroPoint) * scale,
    high - low,
  );
  return rounding + clipping;
}

function logGrid(from: number, to: number): readonly number[] {
  return Array.from({ length: GRID }, (_, i) => Math.fround(from * (to / from) ** (i / (GRID - 1))));
}

function indexOfLeast(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value < values[best]! ? i : best), 0);
}
