/** The learning rate over a training; shares are of all steps, in [0, 1]. */
export type Schedule =
  | { readonly kind: 'constant'; readonly peak: number; readonly warmUp?: number }
  /** Times `factor` at each share in `at`, ascending. */
  | {
      readonly kind: 'steps';
      readonly peak: number;
      readonly at: readonly number[];
      readonly factor: number;
      readonly warmUp?: number;
    }
  /** Half a cosine from the peak to zero. */
  | { readonly kind: 'cosine'; readonly peak: number; readonly warmUp?: number }
  /** A cosine up to the peak at the share `rise`, then one down: torch.optim.lr_scheduler.OneCycleLR with its default divisors. */
  | { readonly kind: 'one-cycle'; readonly peak: number; readonly rise: number };

/** OneCycleLR starts at the peak by the first and ends at the start by the second. */
const START_DIVISOR = 25;
const END_DIVISOR = 1e4;

/** The learning rate of step `step` (from 0) of `steps`. A share `warmUp` rises linearly to the peak before the rest begins. */
export function learningRate(schedule: Schedule, step: number, steps: number): number {
  if (schedule.kind === 'one-cycle') return oneCycle(schedule.peak, schedule.rise, step, steps);
  const { peak } = schedule;
  const warm = Math.round((schedule.warmUp ?? 0) * steps);
  if (step < warm) return (peak * (step + 1)) / warm;
  switch (schedule.kind) {
    case 'constant':
      return peak;
    case 'steps':
      return schedule.at.reduce((rate, share) => (step >= share * steps ? rate * schedule.factor : rate), peak);
    case 'cosine':
      return between(peak, 0, (step - warm) / Math.max(1, steps - warm));
  }
}

function oneCycle(peak: number, rise: number, step: number, steps: number): number {
  const start = peak / START_DIVISOR;
  const top = rise * steps - 1;
  const end = steps - 1;
  if (step < top) return between(start, peak, step / top);
  const from = Math.max(0, top);
  return between(peak, start / END_DIVISOR, end > from ? (step - from) / (end - from) : 0);
}

/** From `from` to `to` along half a cosine; `share` in [0, 1]. */
function between(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
