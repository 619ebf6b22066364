import type { OnnxNode } from '../src/onnx/schema.ts';
import type { QuantizationPlan } from './quantize/plan.ts';

/** Operators, as optimizers name them, that compute in float where they read what a DequantizeLinear made. */
const FLOAT: ReadonlySet<string> = new Set([
  ...['Conv', 'FusedConv', 'Gemm', 'FusedGemm', 'MatMul', 'FusedMatMul'],
  ...['Add', 'MaxPool', 'AveragePool', 'GlobalAveragePool'],
]);

/**
 * Of the nodes that a runtime executes for a quantized graph, by name and in order, those that were meant to run in integers and
 * are computed in float.
 */
export function unfusedNodes(executed: readonly OnnxNode[], plan: QuantizationPlan): readonly string[] {
  const dequantized = new Set(executed.filter(({ op }) => op === 'DequantizeLinear').flatMap(({ outputs }) => outputs));
  return executed
    .filter(({ op, inputs }) => FLOAT.has(op) && inputs.some((name) => dequantized.has(name)))
    .map(({ name }) => name)
    .filter((name) => !plan.kept.has(name));
}
