import type { Attribute, NamedTensor, OnnxNode } from '../../src/onnx/schema.ts';

/** Every other row and column: a quarter of a value. */
const STEP = 2;
const END = 2n ** 31n - 1n;

/**
 * Names of a value's summary: the smallest and largest of every channel [N, C], and every other row and column [N, C, H/2, W/2]. The
 * extremes are exact; the rest says as much of a large value's distribution as the whole of it, for a quarter of the traffic.
 */
export function summaryOf(value: string): { readonly min: string; readonly max: string; readonly some: string } {
  return { min: `${value}.min`, max: `${value}.max`, some: `${value}.some` };
}

/** The same rows and columns of a whole value [N, C, H, W]. */
export function someOf(data: Float32Array, dims: readonly number[]): Float32Array {
  const [height = 1, width = 1] = dims.slice(2);
  const rows = data.length / width;
  const perPlane = Math.ceil(height / STEP);
  const perRow = Math.ceil(width / STEP);
  const some = new Float32Array((rows / height) * perPlane * perRow);
  for (let row = 0, to = 0; row < rows; row++) {
    if ((row % height) % STEP !== 0) continue;
    for (let column = 0; column < width; column += STEP) some[to++] = data[row * width + column]!;
  }
  return some;
}

export function summaryNodes(value: string): readonly OnnxNode[] {
  const { min, max, some } = summaryOf(value);
  const reduction = new Map<string, Attribute>([
    ['axes', { kind: 'ints', value: [2, 3] }],
    ['keepdims', { kind: 'int', value: 0 }],
  ]);
  const slice = [value, 'summary.starts', 'summary.ends', 'summary.axes', 'summary.steps'];
  return [
    { name: min, op: 'ReduceMin', domain: '', inputs: [value], outputs: [min], attributes: reduction },
    { name: max, op: 'ReduceMax', domain: '', inputs: [value], outputs: [max], attributes: reduction },
    { name: some, op: 'Slice', domain: '', inputs: slice, outputs: [some], attributes: new Map() },
  ];
}

/** What the Slice nodes read. */
export const summaryConstants: readonly NamedTensor[] = [
  pair('summary.starts', 0n),
  pair('summary.ends', END),
  { name: 'summary.axes', dtype: 'int64', dims: [2], data: BigInt64Array.of(2n, 3n) },
  pair('summary.steps', BigInt(STEP)),
];

function pair(name: string, value: bigint): NamedTensor {
  return { name, dtype: 'int64', dims: [2], data: BigInt64Array.of(value, value) };
}
