/** Largest finite float16. */
export const HALF_MAX = 65504;

/** Bits of the float32 numbers 65520 (half way from HALF_MAX to 65536), 2^-14 (the smallest normal float16), infinity and 1/2. */
const ROUNDS_TO_INFINITY = 0x477ff000;
const SMALLEST_NORMAL = 0x38800000;
const INFINITY = 0x7f800000;
const ONE_HALF = 0x3f000000;

/**
 * Float32 numbers as bits of IEEE 754 binary16, rounded to the nearest, ties to even: from 65520 on to infinity, below 2^-14 to
 * multiples of 2^-24. A NaN stays one.
 */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const sum = new Float32Array(1);
  const sumBits = new Uint32Array(sum.buffer);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const sign = (bits[i]! >>> 16) & 0x8000;
    const magnitude = bits[i]! & 0x7fffffff;
    if (magnitude > INFINITY) {
      out[i] = sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
    } else if (magnitude >= ROUNDS_TO_INFINITY) {
      out[i] = sign | 0x7c00;
    } else if (magnitude < SMALLEST_NORMAL) {
      // Neighbouring float32 numbers above 1/2 lie 2^-24 apart: the addition rounds as is wanted.
      sum[0] = Math.abs(values[i]!) + 0.5;
      out[i] = sign | (sumBits[0]! - ONE_HALF);
    } else {
      out[i] = sign | ((magnitude + 0xfff + ((magnitude >> 13) & 1) - 0x38000000) >> 13);
    }
  }
  return out;
}

/** Bits of IEEE 754 binary16 (1 sign, 5 exponent with bias 15, 10 fraction) as float32, exactly; a NaN keeps its payload. */
export function fromHalf(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) {
    const half = halves[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) {
      values[i] = fraction * 2 ** -24;
      bits[i]! |= sign;
    } else {
      const wide = exponent === 0x1f ? 0xff : exponent + 112;
      bits[i] = sign | (wide << 23) | (fraction << 13);
    }
  }
  return values;
}
