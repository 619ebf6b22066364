import type { DType } from '../../../src/tensor/dtype.ts';
import type { Emitter } from '../emitter.ts';
import type { Place, Rule, Site } from '../site.ts';
import { between, betweenEach, product } from './elements.ts';

/** Smallest and largest integer of the types that values are quantized to. */
const RANGES: { readonly [T in DType]?: readonly [number, number] } = {
  uint8: [0, 255],
  int8: [-128, 127],
  int4: [-8, 7],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** How a QuantizeLinear rounds: per tensor, or per channel of an axis. */
type Grid = {
  readonly scales: readonly number[];
  /** Smallest and largest integer that is stored, less the zero point. */
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
  /** Of scales and bounds as they meet the value. */
  readonly shape: readonly number[];
};

function gridOf({ op, dims, dtype, constant, refuse }: Site<'QuantizeLinear' | 'DequantizeLinear'>): Grid {
  const scales = Array.from(constant(1) ?? refuse('a scale that does not learn'));
  const zeroPoints = constant(2) ?? refuse('a zero point that does not learn');
  const type = dtype(2);
  const range = RANGES[type] ?? refuse(`integers of 4 to 16 bits, received ${type}`);
  const zeroPoint = (i: number): number => (type === 'int4' ? nibble(zeroPoints, i) : Number(zeroPoints[i]));
  return {
    scales,
    lowest: scales.map((_, i) => range[0] - zeroPoint(i)),
    highest: scales.map((_, i) => range[1] - zeroPoint(i)),
    shape: op.axis === undefined ? [] : dims(0).map((dim, axis) => (axis === op.axis ? dim : 1)),
  };
}

/** The i-th of the signed 4-bit integers that are packed two to a byte, the first one low. */
function nibble(bytes: ArrayLike<number>, i: number): number {
  const bits = (bytes[i >> 1]! >> (4 * (i % 2))) & 15;
  return bits < 8 ? bits : bits - 16;
}

function vector(emit: Emitter, { shape }: Grid, values: readonly number[]): string {
  return shape.length === 0
    ? emit.scalar(values[0]!)
    : emit.constant({ dtype: 'float32', dims: shape, data: Float32Array.from(values) });
}

/**
 * Rounding as plain arithmetic on floats, for integers that ONNX Runtime's processor kernels do not all store. The value is the integer
 * less its zero point.
 */
export function spellQuantize(site: Site<'QuantizeLinear'>): void {
  const { emit, input } = site;
  const grid = gridOf(site);
  const rounded = emit.add('Round', [emit.add('Div', [input(0), vector(emit, grid, grid.scales)])]);
  const raised = emit.add('Max', [rounded, vector(emit, grid, grid.lowest)]);
  place(site, 'Min', [raised, vector(emit, grid, grid.highest)]);
}

export function spellDequantize(site: Site<'DequantizeLinear'>): void {
  const { emit, input, constant, refuse } = site;
  if (constant(0) !== undefined) refuse(`stored integers of 8 or 32 bits, received ${site.dtype(0)}`);
  const grid = gridOf(site);
  place(site, 'Mul', [input(0), vector(emit, grid, grid.scales)]);
}

function place({ emit, node, output }: Place, op: string, inputs: readonly string[]): void {
  emit.place({ name: node.name, op, domain: '', inputs, outputs: [output], attributes: new Map() });
}

/** True for the integers that are written as floats. */
export function isSpelled(dtype: DType): boolean {
  return dtype === 'int4' || dtype === 'uint16' || dtype === 'int16';
}

/**
 * Straight through: what was rounded passes its gradient, what lies outside of the integers' range does not. Gradients of integers are
 * those of the numbers that they stand for.
 */
export const quantizeLinear: Rule<'QuantizeLinear'> = (site, gradient) => {
  const { emit, input } = site;
  const grid = gridOf(site);
  const { scales, lowest, highest, shape } = grid;
  const low = scales.map((scale, i) => (lowest[i]! - 0.5) * scale);
  const high = scales.map((scale, i) => (highest[i]! + 0.5) * scale);
  if (shape.length === 0) return [product(emit, gradient, between(emit, input(0), low[0]!, high[0]!))];
  return [product(emit, gradient, betweenEach(emit, input(0), vector(emit, grid, low), vector(emit, grid, high)))];
};

export const dequantizeLinear: Rule<'DequantizeLinear'> = (_, gradient) => [gradient];
