/** The q-quantiles of values (nearest rank: the smallest value that at least q of all do not exceed); none for no values. */
export function quantiles(values: readonly number[], qs: readonly number[]): readonly number[] {
  if (values.length === 0) return [];
  const sorted = Float64Array.from(values).sort();
  return qs.map((q) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!);
}
