import type { Measured } from '../../../../src/node/tune/measure.ts';
import type { Way } from '../../../../src/node/tune/way.ts';

export function way(more: Partial<Way> = {}): Way {
  const common = { path: 'int8.onnx', provider: 'cpu', backend: 'onnxruntime-node' } as const;
  return { ...common, threads: 2, spinning: true, batch: 1, providerOptions: {}, memoryBudgetMb: 512, ...more };
}

export function times(...ms: readonly number[]): Measured & { readonly kind: 'times' } {
  return { kind: 'times', ms };
}
