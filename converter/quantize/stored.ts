import { ResedgeError } from '../../src/errors.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import { floatConstant, inputOf, isKind, type View } from '../graph/view.ts';

/** Name of the integers that a value is stored as. */
export function quantizedName(value: string): string {
  return `${value}.q`;
}

/** The name of a value's integers in the quantized graph, and what they stand for. */
export type StoredValue = QuantizationParameters & { readonly name: string };

/** How a value is stored: as planned, or as bytes that the graph itself dequantizes. Undefined for one that is not. */
export function storedAs(
  { producer, graph }: View,
  activations: ReadonlyMap<string, QuantizationParameters>,
  value: string,
): StoredValue | undefined {
  const planned = activations.get(value);
  if (planned) {
    const { dtype, scale, zeroPoint } = planned;
    return { name: quantizedName(value), dtype, scale, zeroPoint };
  }
  const node = producer(value);
  if (!isKind(node, 'DequantizeLinear')) return undefined;
  const [scale] = floatConstant(graph, inputOf(node, 1)).read();
  const zeroPoint = graph.constants.get(inputOf(node, 2));
  if (scale === undefined || zeroPoint?.dtype !== 'uint8') return undefined;
  return { name: inputOf(node, 0), dtype: 'uint8', scale, zeroPoint: zeroPoint.read()[0] ?? 0 };
}

/** The same of a layer's input. Throws `internal` for one that is not stored. */
export function storedInput(
  view: View,
  activations: ReadonlyMap<string, QuantizationParameters>,
  value: string,
): StoredValue {
  const stored = storedAs(view, activations, value);
  if (stored === undefined) throw new ResedgeError('internal', `${value} has no quantization parameters`);
  return stored;
}
