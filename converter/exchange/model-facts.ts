import type { Model, OnnxGraph, ValueInfo } from '../../src/onnx/schema.ts';

/** Inputs that a caller feeds: those that no initializer gives. */
export function fedInputs({ inputs, initializers }: OnnxGraph): readonly ValueInfo[] {
  const given = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !given.has(name));
}

/** The version of ONNX's own operators; 0 for a model that states none. */
export function opsetOf({ opsets }: Model): number {
  return opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
}
