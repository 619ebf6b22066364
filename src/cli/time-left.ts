/** Nothing is said before so much time and so many steps. */
const LEAST_MS = 1500;
const LEAST_STEPS = 3;
/** An end that was said stands until the rate puts it outside this share of what is left. */
const SLACK = 0.25;

/** Milliseconds that work of `total` steps will still take, `done` of them being over at `now`; undefined: not known yet. */
export type TimeLeft = (done: number, total: number, now: number) => number | undefined;

/** Goes by the rate since the first call. What it said runs down with the clock, and is corrected only when it was clearly wrong. */
export function timeLeft(): TimeLeft {
  let first: { readonly done: number; readonly at: number } | undefined;
  let end: number | undefined;
  return (done, total, now) => {
    first ??= { done, at: now };
    const [steps, spent] = [done - first.done, now - first.at];
    if (steps < LEAST_STEPS || spent < LEAST_MS) return undefined;
    const left = (spent / steps) * (total - done);
    const wrong = end === undefined || Math.abs(now + left - end) > SLACK * left;
    if (end === undefined || wrong) end = now + left;
    return Math.max(0, end - now);
  };
}

/** `3 min left`, coarser the longer it takes. */
export function timeLeftText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 5) return 'a few seconds left';
  if (seconds <= 55) return `${Math.ceil(seconds / 5) * 5} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min left` : `${Math.ceil(minutes / 60)} h left`;
}
