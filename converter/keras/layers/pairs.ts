/** Largest kernel, stride or padding. */
const MAX_EXTENT = 4096;

/** Two whole numbers of at least `least`. */
export function isPair(value: unknown, least: number): value is readonly [number, number] {
  const fits = (part: unknown): boolean =>
    typeof part === 'number' && Number.isInteger(part) && part >= least && part <= MAX_EXTENT;
  return Array.isArray(value) && value.length === 2 && value.every(fits);
}
