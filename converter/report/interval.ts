/** Of a normal distribution, for 95 %. */
const Z = 1.959964;

/**
 * Where the true share lies with 95 % confidence after `count` trials showed `share` (Wilson, "Probable inference, the law of
 * succession, and statistical inference", 1927).
 */
export function shareInterval(share: number, count: number): readonly [number, number] {
  const z2 = Z * Z;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
