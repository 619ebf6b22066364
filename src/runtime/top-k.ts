export type Ranked = { readonly index: number; readonly score: number };

/**
 * The `k` highest scores (all, if there are fewer), highest first; equal scores in the order of their indices, NaN after
 * everything else.
 */
export function topK(scores: ArrayLike<number>, k: number): readonly Ranked[] {
  const best: Ranked[] = [];
  const wanted = Math.min(Math.max(0, Math.trunc(k)), scores.length);
  if (wanted === 0) return best;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index]!;
    if (best.length === wanted && !outranks(score, best[wanted - 1]!.score)) continue;
    let place = best.length;
    while (place > 0 && outranks(score, best[place - 1]!.score)) place--;
    best.splice(place, 0, { index, score });
    if (best.length > wanted) best.pop();
  }
  return best;
}

function outranks(a: number, b: number): boolean {
  return a > b || (Number.isNaN(b) && !Number.isNaN(a));
}
