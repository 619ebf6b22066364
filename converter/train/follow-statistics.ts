import type { MovingStatistics } from '../autodiff/types.ts';

/** The share of a batch in running statistics, torch.nn.BatchNorm2d's default. */
const MOMENTUM = 0.1;

/**
 * Moves the running statistics of live batch norms towards those of a batch, in place on `weights`; the variance that is followed is the
 * unbiased one, as PyTorch has it. `outputs` are those of a run of the training graph.
 */
export function followStatistics(
  weights: ReadonlyMap<string, Float32Array>,
  outputs: (name: string) => Float32Array,
  statistics: readonly MovingStatistics[],
): void {
  for (const { mean, variance, runningMean, runningVariance, count } of statistics) {
    follow(weights.get(runningMean), outputs(mean), 1);
    follow(weights.get(runningVariance), outputs(variance), count > 1 ? count / (count - 1) : 1);
  }
}

function follow(running: Float32Array | undefined, seen: Float32Array, factor: number): void {
  if (running === undefined) return;
  for (let i = 0; i < running.length; i++) running[i] = (1 - MOMENTUM) * running[i]! + MOMENTUM * factor * seen[i]!;
}
