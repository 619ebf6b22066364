import { learningValues } from '../autodiff/learning.ts';
import type { Graph } from '../graph/graph.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

type Learning = {
  readonly trainable: ReadonlySet<string>;
  readonly norms: 'live' | 'frozen';
  readonly batch: number;
};

const FLOAT_BYTES = 4;
/** A process without a graph: Node.js, ONNX Runtime, and what they keep (measured: peak resident sets of ResNet-20 at four batches). */
const BASE_BYTES = 200 * 2 ** 20;
/** What a run holds for every byte of the values that learn: those themselves, and the gradients under way (measured likewise). */
const HELD = 1.6;
/** Copies of everything that learns: the state, its momentum, the worker's, two of the gradients. */
const COPIES = 5;

/**
 * Pictures of one run, the largest divisor of a step's batch with which a process should stay within `limit` bytes; 1 where nothing does.
 * An estimate from the shapes of the values between the first trainable constant and the loss.
 */
export function microBatchWithin(graph: Graph, learning: Learning, limit: number): number {
  const facts = verify(graph, 'the memory of training');
  const learns = learningValues(graph, learning);
  const bytesOf = (name: string): number => FLOAT_BYTES * elementsOf(facts, name);
  let held = 0;
  let passing = 0;
  for (const node of graph.nodes) {
    const bytes = bytesOf(outputOf(node));
    if (learns.has(outputOf(node))) held += bytes * HELD;
    else passing = Math.max(passing, bytes + bytesOf(node.inputs[0] ?? ''));
  }
  const parameters = [...learning.trainable].reduce((sum, name) => sum + bytesOf(name), 0);
  const left = limit - BASE_BYTES - COPIES * parameters;
  for (let count = learning.batch; count > 1; count--) {
    if (learning.batch % count === 0 && count * (held + passing) <= left) return count;
  }
  return 1;
}

/** Elements of a value for one picture. */
function elementsOf(facts: Facts, name: string): number {
  const dims = facts.get(name)?.dims ?? [];
  return dims.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
}
