import type { Graph } from './graph/graph.ts';
import { verify } from './graph/verify.ts';

/** Bytes of float values that are fetched from one run, at most, unless one value has more. */
const FETCHED_BYTES = 64 * 2 ** 20;

/**
 * Splits values into groups that are fetched one after the other: a runtime frees what nobody fetches as it goes, and all values of
 * a deep network at once can be larger than its weights.
 */
export function fetchGroups(graph: Graph, names: readonly string[], batch: number): readonly (readonly string[])[] {
  const facts = verify(graph, 'fetch groups');
  const groups: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const dims = facts.get(name)?.dims ?? [];
    const size = dims.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : batch), 4);
    bytes += size;
    if (bytes > FETCHED_BYTES) {
      groups.push([]);
      bytes = size;
    }
    groups.at(-1)?.push(name);
  }
  return groups;
}
