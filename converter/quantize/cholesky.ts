/**
 * For a symmetric positive definite matrix H [n, n] (row by row, overwritten), the upper triangular R with R'R = H^-1: H = U U' is
 * factored from its last row upwards, and R is the inverse of U. Returns undefined where H is not positive definite.
 */
export function inverseFactor(h: Float64Array, n: number): Float64Array | undefined {
  // U with H = U U': column j from the right; row i of U holds u_ij for j >= i.
  for (let j = n - 1; j >= 0; j--) {
    const rowJ = h.subarray(j * n, (j + 1) * n);
    let pivot = rowJ[j]!;
    for (let k = j + 1; k < n; k++) pivot -= rowJ[k]! * rowJ[k]!;
    if (!(pivot > 0)) return undefined;
    const diagonal = Math.sqrt(pivot);
    rowJ[j] = diagonal;
    for (let i = 0; i < j; i++) {
      const rowI = h.subarray(i * n, (i + 1) * n);
      let sum = rowI[j]!;
      for (let k = j + 1; k < n; k++) sum -= rowI[k]! * rowJ[k]!;
      rowI[j] = sum / diagonal;
    }
  }
  // R = U^-1, row by row from the last: R_i = (e_i - sum_{k > i} u_ik R_k) / u_ii.
  const r = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const rowI = r.subarray(i * n, (i + 1) * n);
    for (let k = i + 1; k < n; k++) {
      const factor = h[i * n + k]!;
      if (factor === 0) continue;
      const rowK = r.subarray(k * n, (k + 1) * n);
      for (let j = k; j < n; j++) rowI[j]! -= factor * rowK[j]!;
    }
    const diagonal = h[i * n + i]!;
    for (let j = i + 1; j < n; j++) rowI[j]! /= diagonal;
    rowI[i] = 1 / diagonal;
  }
  return r;
}
