import type { Constant } from '../graph/graph.ts';
import type { Add } from './gate.ts';

/** 1 2 1 by 1 2 1 over 16. */
const BINOMIAL = [1, 2, 1].flatMap((row) => [1, 2, 1].map((column) => (row * column) / 16));

/**
 * Halves `value` [N, channels, H, W] by a binomial 3 x 3 with stride 2, borders reflected (Zhang 2019, `Making convolutional networks
 * shift-invariant again`); returns the name of what is left. Sides of at least 2.
 */
export function addBlur(
  name: string,
  channels: number,
  value: string,
  add: Add,
  constant: (name: string, value: Constant) => string,
): string {
  const reflected = reflect(`${name}.columns`, 3, reflect(`${name}.rows`, 2, value, add), add);
  const data = Float32Array.from({ length: channels * 9 }, (_, index) => BINOMIAL[index % 9]!);
  const filter = constant(`${name}.filter`, { dtype: 'float32', dims: [channels, 1, 3, 3], read: () => data });
  return add(name, { kind: 'Conv', kernel: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], group: channels }, [
    reflected,
    filter,
  ]);
}

/** One line more on either side of an axis: the second one's copy, and the last but one's. */
function reflect(name: string, axis: number, value: string, add: Add): string {
  const line = (side: string, start: number, end: number): string =>
    add(`${name}.${side}`, { kind: 'Slice', axes: [axis], starts: [start], ends: [end], steps: [1] }, [value]);
  return add(name, { kind: 'Concat', axis }, [line('before', 1, 2), value, line('after', -2, -1)]);
}
