import type { Graph, Node } from '../graph/graph.ts';
import { inputOf, isKind, type View, viewOf } from '../graph/view.ts';
import type { QuantizationPlan } from './plan.ts';
import { isWeighted } from './weighted.ts';

/** True for nodes whose arithmetic is decided on: integers or float. Every other node follows what it reads. */
export function isDecided(node: Node): boolean {
  return isWeighted(node) || isKind(node, 'Add');
}

/**
 * True where a node reads a value as it was computed and not what is left of it once stored: both the value's maker and the node
 * are in float. A quantized maker's kernel hands out integers alone.
 */
export function readsFloat(view: View, kept: ReadonlyMap<string, string>): (node: Node, value: string) => boolean {
  const isFloat = (value: string): boolean => {
    const producer = view.producer(value);
    if (producer === undefined) return true;
    return isDecided(producer) ? kept.has(producer.name) : isFloat(inputOf(producer, 0));
  };
  const staysFloat = (node: Node): boolean => (isDecided(node) ? kept.has(node.name) : isFloat(inputOf(node, 0)));
  return (node, value) => isFloat(value) && staysFloat(node);
}

/**
 * The plan with some Convs, Gemms and Adds computed in float, each for a reason: they have no stored weights, and values that
 * only they make and read are not stored either.
 */
export function keepInFloat(graph: Graph, plan: QuantizationPlan, kept: ReadonlyMap<string, string>): QuantizationPlan {
  const view = viewOf(graph);
  const reads = readsFloat(view, kept);
  const stored = (value: string): boolean => view.consumers(value).some((node) => !reads(node, value));
  return {
    ...plan,
    activations: new Map([...plan.activations].filter(([value]) => stored(value))),
    layers: new Map([...plan.layers].filter(([name]) => !kept.has(name))),
    kept,
  };
}
