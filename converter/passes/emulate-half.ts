import { fromHalf } from '../../src/tensor/half.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

/**
 * What a float16 graph computes where every value is stored as float16 and sums are float32, in operations that any runtime carries
 * out so: each float16 value is rounded by two Casts. A runtime without float16 kernels would leave that rounding out.
 */
export function emulateHalf(graph: Graph): Graph {
  const facts = verify(graph, 'half precision');
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const value = outputOf(node);
    if (facts.get(value)?.dtype !== 'float16') return [node];
    const cast = (from: string, to: 'float16' | 'float32', name: string): Node => ({
      name: `${name}.rounding`,
      op: { kind: 'Cast', to },
      inputs: [from],
      outputs: [name],
    });
    const [exact, rounded] = [`${value}.exact`, `${value}.rounded`];
    const computed: readonly Node[] =
      node.op.kind === 'Cast'
        ? [{ ...node, outputs: [rounded] }]
        : [{ ...node, outputs: [exact] }, cast(exact, 'float16', rounded)];
    return [...computed, cast(rounded, 'float32', value)];
  });
  const constants = new Map([...graph.constants].map(([name, constant]) => [name, widened(constant)] as const));
  return { ...graph, nodes, constants };
}

function widened(constant: Constant): Constant {
  if (constant.dtype !== 'float16') return constant;
  return { dtype: 'float32', dims: constant.dims, read: () => fromHalf(constant.read()) };
}
