/** Milliseconds without what is finer than a microsecond: a clock's noise, which takes ten digits in JSON. */
export function wholeMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
