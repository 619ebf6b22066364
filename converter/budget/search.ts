/**
 * The least count in [from, to] for which `holds`, by bisection: more of it never harms, or hardly. Undefined where `to` does not
 * hold.
 */
export async function leastThatHolds(
  from: number,
  to: number,
  holds: (count: number) => Promise<boolean>,
): Promise<number | undefined> {
  if (from > to || !(await holds(to))) return undefined;
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Leaves out of `items` what it holds without, tried in the order of `attempts`. */
export async function withoutNeedless<T>(
  items: readonly T[],
  attempts: readonly T[],
  holds: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items;
  for (const item of attempts) {
    const fewer = left.filter((other) => other !== item);
    if (fewer.length > 0 && (await holds(fewer))) left = fewer;
  }
  return left;
}
