/** Maps a number of one interval to another, in a straight line. */
export type Scale = (value: number) => number;

export type Interval = readonly [number, number];

/** A domain without width maps to the middle. */
export function linear([from, to]: Interval, [start, end]: Interval): Scale {
  if (from === to) return () => (start + end) / 2;
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

/** Straight in the logarithm; the domain lies above zero. */
export function logarithmic([from, to]: Interval, range: Interval): Scale {
  const scale = linear([Math.log10(from), Math.log10(to)], range);
  return (value) => scale(Math.log10(value));
}

/** Round numbers (1, 2 or 5 times a power of ten apart) within an interval, about `count` of them. */
export function ticks([from, to]: Interval, count: number): readonly number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  // Rounded to the step's own digits, so that 3 * 0.1 reads 0.3.
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)) + 0);
}

/** Powers of ten within an interval above zero; with 2 and 5 between them where it spans few. */
export function logTicks([from, to]: Interval): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const factors = to / from < 100 ? [1, 2, 5] : [1];
  const all: number[] = [];
  for (let power = first; power <= last; power++) {
    for (const factor of factors) all.push(Number(`${factor}e${power}`));
  }
  return all.filter((value) => value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9));
}
