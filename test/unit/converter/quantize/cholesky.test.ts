import { expect, test } from 'vitest';
import { inverseFactor } from '../../../../converter/quantize/cholesky.ts';
import { uniform } from '../random.ts';

/** A'A + shift I of a seeded A [rows, n], row by row. */
function gram(n: number, rows: number, shift: number, seed: number): Float64Array {
  const random = uniform(seed);
  const a = Float64Array.from({ length: rows * n }, () => random() - 0.5);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = i === j ? shift : 0;
    for (let k = 0; k < rows; k++) sum += a[k * n + i]! * a[k * n + j]!;
    return sum;
  });
}

/** A B, both [n, n]. */
function product(n: number, a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(at / n) * n + k]! * b[k * n + (at % n)]!;
    return sum;
  });
}

function transposed(n: number, a: Float64Array): Float64Array {
  return Float64Array.from(a, (_, at) => a[(at % n) * n + Math.floor(at / n)]!);
}

test.each([
  ['of one element', 1, 3, 0],
  ['of two', 2, 5, 0],
  ['well conditioned', 24, 60, 0],
  ['that only its shift makes definite', 40, 10, 1e-3],
])("R'R is the inverse of a matrix %s, and R upper triangular", (_, n, rows, shift) => {
  for (const seed of [1, 2, 3]) {
    const h = gram(n, rows, shift, seed);
    const r = inverseFactor(h.slice(), n)!;
    for (let i = 0; i < n; i++) {
      expect(r[i * n + i]).toBeGreaterThan(0);
      expect(r.subarray(i * n, i * n + i).every((value) => value === 0)).toBe(true);
    }
    const identity = product(n, h, product(n, transposed(n, r), r));
    for (const [at, value] of identity.entries()) {
      expect(Math.abs(value - (at % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-8);
    }
  }
});

test.each([
  ['zero', 1, [0]],
  ['not a number', 1, [Number.NaN]],
  ['of a negative element', 1, [-1]],
  ['indefinite', 2, [1, 2, 2, 1]],
  ['of rank one', 2, [1, 1, 1, 1]],
])('a matrix %s has none', (_, n, values) => {
  expect(inverseFactor(Float64Array.from(values), n)).toBeUndefined();
});
