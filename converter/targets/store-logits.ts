import type { Constant, Graph, Node } from '../graph/graph.ts';
import { isKind, viewOf } from '../graph/view.ts';

/** Room beyond the logits that were seen, as a share of their range on either side: other pictures reach further, and 8 bits suffice. */
const MARGIN = 0.5;

/**
 * The logits of an integer layer are stored like every other activation, by the range of `logits`, widened; a graph that ends
 * in something else stays as it is.
 */
export function storeLogits(graph: Graph, logits: readonly Float32Array[]): Graph {
  const [output = ''] = graph.outputs;
  const view = viewOf(graph);
  const last = view.producer(output);
  if (!isKind(last, 'Gemm') && !isKind(last, 'Conv')) return graph;
  if (!last.inputs.every((name) => isKind(view.producer(name), 'DequantizeLinear'))) return graph;
  const dtype = storedType(graph);
  if (dtype === undefined || logits.length === 0) return graph;
  const steps = dtype === 'uint8' ? 255 : 65535;
  const { min, max } = rangeOf(logits);
  const scale = Math.fround((max - min) / steps);
  if (!(scale > 0)) return graph;
  const zero = Math.round(-min / scale);
  const [stored, read, scaleName, zeroName] = ['q', 'dq', 'scale', 'zero_point'].map((part) => `${output}.${part}`);
  const zeroPoint: Constant =
    dtype === 'uint8'
      ? { dtype, dims: [], read: () => Uint8Array.of(zero) }
      : { dtype, dims: [], read: () => Uint16Array.of(zero) };
  const parameters = [scaleName!, zeroName!];
  const pair: readonly Node[] = [
    { name: stored!, op: { kind: 'QuantizeLinear' }, inputs: [output, ...parameters], outputs: [stored!] },
    { name: read!, op: { kind: 'DequantizeLinear' }, inputs: [stored!, ...parameters], outputs: [read!] },
  ];
  return {
    ...graph,
    outputs: [read!],
    nodes: [...graph.nodes, ...pair],
    constants: new Map([
      ...graph.constants,
      [scaleName!, { dtype: 'float32', dims: [], read: () => Float32Array.of(scale) }],
      [zeroName!, zeroPoint],
    ]),
  };
}

/** What the graph's other activations are stored as. */
function storedType(graph: Graph): 'uint8' | 'uint16' | undefined {
  const quantize = graph.nodes.find((node) => isKind(node, 'QuantizeLinear'));
  const dtype = quantize && graph.constants.get(quantize.inputs[2] ?? '')?.dtype;
  return dtype === 'uint8' || dtype === 'uint16' ? dtype : undefined;
}

/** Zero is always inside, as QuantizeLinear's zero point has to be. */
function rangeOf(logits: readonly Float32Array[]): { readonly min: number; readonly max: number } {
  let [min, max] = [0, 0];
  for (const row of logits) {
    for (const value of row) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  const room = MARGIN * (max - min);
  return { min: min - room, max: max + room };
}
