import { fidelity } from '../../src/tensor/fidelity.ts';
import { fromHalf, HALF_MAX, toHalf } from '../../src/tensor/half.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';
import { halvedNodes } from './half.ts';

/** A node that stays in float32, and why. */
export type KeptSingle = { readonly name: string; readonly reason: string };

/** Room for what other pictures may reach above those that were seen. */
const HEADROOM = 4;
/** Rounding costs 73 dB where all numbers are normal; far below, they are so small that float16 has few digits left for them. */
const LEAST_DB = 60;

/**
 * Nodes that float16 would spoil: those whose weights it cannot hold, and those that make or read a value whose largest magnitude
 * (`peaks`, by value) comes near its limit.
 */
export function planHalf(graph: Graph, peaks: ReadonlyMap<string, number>): readonly KeptSingle[] {
  const halved = halvedNodes(graph, verify(graph, 'half precision'), new Set());
  const large = (value: string): boolean => (peaks.get(value) ?? 0) * HEADROOM > HALF_MAX;
  const kept: KeptSingle[] = [];
  for (const node of graph.nodes) {
    if (!halved.has(node.name)) continue;
    const reason = constantsReason(graph, node) ?? valueReason(node, large, peaks);
    if (reason !== undefined) kept.push({ name: node.name, reason });
  }
  return kept;
}

function constantsReason(graph: Graph, node: Node): string | undefined {
  for (const name of node.inputs) {
    const constant = graph.constants.get(name);
    if (constant?.dtype !== 'float32') continue;
    const exact = constant.read();
    const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (largest > HALF_MAX) return `${name} reaches ${largest.toPrecision(3)}, beyond float16's ${HALF_MAX}`;
    const rounded = fidelity();
    rounded.add(exact, fromHalf(toHalf(exact)));
    if (largest > 0 && rounded.sqnrDb() < LEAST_DB) {
      return `${name} is at most ${largest.toPrecision(3)}, too small for float16 to hold exactly enough`;
    }
  }
  return undefined;
}

function valueReason(
  node: Node,
  large: (value: string) => boolean,
  peaks: ReadonlyMap<string, number>,
): string | undefined {
  const value = [outputOf(node), ...node.inputs].find(large);
  if (value === undefined) return undefined;
  return `${value} reaches ${peaks.get(value)?.toPrecision(3)}, too near float16's limit of ${HALF_MAX}`;
}
