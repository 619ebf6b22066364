import type { Graph } from '../graph/graph.ts';

/** Float32 tensors in memory under their names. */
export type Tensors = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** The graph with other values in the constants that `values` names; shapes stay. */
export function withWeights(graph: Graph, values: ReadonlyMap<string, Float32Array>): Graph {
  const constants = new Map(graph.constants);
  for (const [name, data] of values) {
    const before = constants.get(name);
    if (before?.dtype === 'float32') constants.set(name, { ...before, read: () => data });
  }
  return { ...graph, constants };
}

/** False where a value is infinite or none at all. */
export function allFinite(tensors: ReadonlyMap<string, Float32Array>): boolean {
  for (const data of tensors.values()) {
    // Subtracting a value from itself leaves 0 unless it is not finite.
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]! - data[i]!;
    if (sum !== 0) return false;
  }
  return true;
}
