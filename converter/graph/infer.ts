import { isResedgeError, ResedgeError } from '../../src/errors.ts';
import type { Fact, Node } from './graph.ts';
import { definitionOf } from './ops/index.ts';

/** The fact of a node's output, from those of its inputs. Throws `internal` naming the node where they do not fit. */
export function infer(node: Node, inputs: readonly Fact[]): Fact {
  const { op } = node;
  const fail = (expected: string): never => {
    const received = inputs.map((fact) => `${fact.dtype}[${fact.dims.join(', ')}]`).join(', ');
    throw new ResedgeError('internal', `expected ${expected} for ${node.name} (${op.kind}), received ${received}`);
  };
  const { arity, infer: inferOp } = definitionOf(op);
  if (inputs.length < arity) fail(`at least ${arity} inputs`);
  return inferOp(op, inputs, fail);
}

/** The same of a node that a file states: shapes that do not fit are the file's fault. Throws `input` naming `title`. */
export function inferRead(node: Node, inputs: readonly Fact[], title: string): Fact {
  try {
    return infer(node, inputs);
  } catch (error) {
    if (!isResedgeError(error, 'internal')) throw error;
    throw new ResedgeError('input', `${title} cannot run: ${error.message}`, { cause: error });
  }
}
