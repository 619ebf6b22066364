import type { Constant } from '../graph/graph.ts';

/**
 * Of a 1 x 1 convolution's weights that only move channels, as the parameter-free shortcut's: the input channel of its group that each
 * output channel copies, -1 for one that is zero. Undefined for any others.
 */
export function movedChannels({ dims, read }: Constant<'float32'>): readonly number[] | undefined {
  const [rows = 0, columns = 0, height, width] = dims;
  if (height !== 1 || width !== 1) return undefined;
  const weight = read();
  const moves: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = weight.subarray(r * columns, (r + 1) * columns);
    const from = row.indexOf(1);
    if (!row.every((value, c) => value === 0 || c === from)) return undefined;
    moves.push(from);
  }
  return moves;
}
