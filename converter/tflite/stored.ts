import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { dropDead } from '../graph/patch.ts';
import { verify } from '../graph/verify.ts';
import { inputOf, outputOf, viewOf } from '../graph/view.ts';
import { quantizePair, storeLayer } from '../quantize/apply.ts';
import type { LayerPlan } from '../quantize/plan.ts';
import type { Built } from './build.ts';
import type { LiteTensor } from './model.ts';
import { affineOf, dataOf } from './numbers.ts';
import type { StoredLayer } from './types.ts';

/** Signed and unsigned bytes mean the same numbers, this far apart; kernels are fastest on unsigned activations and signed weights. */
const SHIFT = 128;

/** How a computed tensor is stored, as unsigned bytes; undefined for one of floats, or of integers of another width. */
export function parametersOf(tensor: LiteTensor): QuantizationParameters | undefined {
  if (tensor.type !== 'int8' && tensor.type !== 'uint8') return undefined;
  const affine = affineOf(tensor);
  const [scale, zero] = [affine?.scales[0], affine?.zeroPoints[0]];
  if (affine === undefined || scale === undefined || zero === undefined || affine.scales.length > 1) return undefined;
  const zeroPoint = tensor.type === 'int8' ? zero + SHIFT : zero;
  return zeroPoint >= 0 && zeroPoint <= 255 ? { dtype: 'uint8', scale, zeroPoint } : undefined;
}

export function sameParameters(a: QuantizationParameters, b: QuantizationParameters): boolean {
  return a.dtype === b.dtype && a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** True where the file has a layer that computes with bytes from its input on. */
export function storesLayers({ activations, layers }: Built): boolean {
  return [...layers.values()].some(
    ({ input, ...layer }) => activations.has(input.plain) && weightsAffine(layer) !== undefined,
  );
}

/**
 * The layers and values of a graph, whose nodes have kept their names since it was built, stored as the file stores them: its own
 * integers, scales and zero points.
 */
export function asStored(graph: Graph, { activations, layers }: Built): Graph {
  const planned = new Map(activations);
  spread(graph, planned);
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  const read = (value: string): string => (planned.has(value) ? `${value}.dq` : value);
  const store = (value: string): void => {
    const parameters = planned.get(value);
    if (parameters) nodes.push(...quantizePair(value, parameters, constants));
  };
  for (const { name } of graph.inputs) store(name);
  for (const node of graph.nodes) {
    const layer = layers.get(node.name);
    const input = planned.get(inputOf(node, 0));
    const plan = layer && input && layerPlan(layer);
    if (plan) {
      nodes.push(...storeLayer(node, plan, input.scale, constants));
      const [first = '', ...rest] = node.inputs;
      nodes.push({ ...node, inputs: [read(first), ...rest.map((name) => `${name}.dq`)] });
    } else {
      nodes.push({ ...node, inputs: node.inputs.map(read) });
    }
    store(outputOf(node));
  }
  const stored = dropDead({ ...graph, nodes, constants, outputs: graph.outputs.map(read) });
  verify(stored, 'store');
  return stored;
}

/** What only moves numbers stores its result as its input is stored, and what only it reads as its result is. */
function spread(graph: Graph, planned: Map<string, QuantizationParameters>): void {
  const { consumers } = viewOf(graph);
  const moves = graph.nodes.filter(
    ({ op: { kind } }) => kind === 'Transpose' || kind === 'Reshape' || kind === 'Flatten',
  );
  for (const node of moves.toReversed()) {
    if (consumers(inputOf(node, 0)).length === 1) copy(planned, outputOf(node), inputOf(node, 0));
  }
  for (const node of moves) copy(planned, inputOf(node, 0), outputOf(node));
}

function copy(planned: Map<string, QuantizationParameters>, from: string, to: string): void {
  const found = planned.get(from);
  if (found && !planned.has(to)) planned.set(to, found);
}

/** Undefined for weights that are no bytes, or of which one layer has several zero points. */
function weightsAffine({
  weight,
  bias,
}: StoredLayer): { readonly scales: readonly number[]; readonly zero: number } | undefined {
  const affine = affineOf(weight);
  if (affine === undefined || (weight.type !== 'int8' && weight.type !== 'uint8')) return undefined;
  if (bias && bias.type !== 'int32') return undefined;
  const [zero = 0, ...others] = affine.zeroPoints.map((point) => point - shiftOf(weight));
  if (zero < -SHIFT || zero >= SHIFT || others.some((other) => other !== zero)) return undefined;
  return { scales: affine.scales, zero };
}

function shiftOf({ type }: LiteTensor): number {
  return type === 'uint8' ? SHIFT : 0;
}

function layerPlan(layer: StoredLayer): LayerPlan | undefined {
  const { weight, bias, arrange } = layer;
  const affine = weightsAffine(layer);
  if (affine === undefined) return undefined;
  const shift = shiftOf(weight);
  const signed = Int8Array.from(dataOf(weight), (value) => value - shift);
  const integers: Constant<'int8'> = { dtype: 'int8', dims: weight.dims, read: () => signed };
  const arranged = arrange(integers);
  const [rows = 0] = arranged.dims;
  const [only = 1] = affine.scales;
  const scales = affine.scales.length === 1 ? new Float32Array(rows).fill(only) : Float32Array.from(affine.scales);
  if (scales.length !== rows) return undefined;
  return {
    ...{ dims: arranged.dims, data: arranged.read(), bits: 8, scales, limited: 0 },
    bias: bias && words(dataOf(bias)),
    ...(affine.zero === 0 ? {} : { zeroPoint: affine.zero }),
  };
}

function words(bytes: Uint8Array): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
