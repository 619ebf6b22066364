import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { inputOf, outputOf, viewOf } from '../graph/view.ts';
import { equalizeGraph } from './equalize.ts';
import { readsFloat } from './kept.ts';
import type { LayerPlan, QuantizationPlan } from './plan.ts';
import { shieldFloat } from './shield.ts';
import { quantizedName, storedInput } from './stored.ts';

/**
 * Carries out a plan: QuantizeLinear and DequantizeLinear after every planned value, DequantizeLinear before every weight and
 * bias that is stored. Nothing is decided here.
 */
export function applyPlan(given: Graph, plan: QuantizationPlan): Graph {
  const graph = equalizeGraph(given, plan.equalized);
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  const store = (value: string): void => {
    const activation = plan.activations.get(value);
    if (activation) nodes.push(...quantizePair(value, activation, constants));
  };
  const view = viewOf(graph);
  const inFloat = readsFloat(view, plan.kept);
  const read = (node: Node, value: string): string =>
    plan.activations.has(value) && !inFloat(node, value) ? `${value}.dq` : value;

  for (const input of graph.inputs) store(input.name);
  for (const node of graph.nodes) {
    const layer = plan.layers.get(node.name);
    if (layer) {
      const { scale } = storedInput(view, plan.activations, inputOf(node, 0));
      nodes.push(...storeLayer(node, layer, scale, constants));
      nodes.push({
        ...node,
        inputs: [read(node, inputOf(node, 0)), ...node.inputs.slice(1).map((name) => `${name}.dq`)],
      });
    } else {
      nodes.push({ ...node, inputs: node.inputs.map((value) => read(node, value)) });
    }
    store(outputOf(node));
  }
  // A rescaled value is another one than the network's of that name.
  const named = (value: string): string => (plan.equalized.has(value) ? `${value}.equalized` : value);
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(named),
    outputs: node.outputs.map(named),
  }));
  const quantized = shieldFloat({ ...graph, nodes: renamed, constants }, plan.kept);
  verify(quantized, 'quantize');
  return quantized;
}

/** A value through the integers that it is stored as, whose parameters are added to `constants`. */
export function quantizePair(
  value: string,
  plan: QuantizationParameters,
  constants: Map<string, Constant>,
): readonly Node[] {
  const scale = Float32Array.of(plan.scale);
  constants.set(`${value}.scale`, { dtype: 'float32', dims: [], read: () => scale });
  constants.set(`${value}.zero_point`, zeroPointConstant(plan));
  const parameters = [`${value}.scale`, `${value}.zero_point`];
  const q = quantizedName(value);
  return [
    { name: q, op: { kind: 'QuantizeLinear' }, inputs: [value, ...parameters], outputs: [q] },
    { name: `${value}.dq`, op: { kind: 'DequantizeLinear' }, inputs: [q, ...parameters], outputs: [`${value}.dq`] },
  ];
}

/** A zero point in the type of the integers that it belongs to. */
export function zeroPointConstant({ dtype, zeroPoint }: QuantizationParameters): Constant {
  switch (dtype) {
    case 'uint8':
      return { dtype, dims: [], read: () => Uint8Array.of(zeroPoint) };
    case 'int8':
      return { dtype, dims: [], read: () => Int8Array.of(zeroPoint) };
    case 'uint16':
      return { dtype, dims: [], read: () => Uint16Array.of(zeroPoint) };
  }
}

/** A layer as a plan stores it, added to `constants`: the nodes that read its weights and bias as floats. */
export function storeLayer(
  node: Node,
  layer: LayerPlan,
  inputScale: number,
  constants: Map<string, Constant>,
): readonly Node[] {
  const weight = inputOf(node, 1);
  const bias = node.inputs[2];
  const rows = layer.scales.length;
  const nodes: Node[] = [];
  if (layer.bits === 8) {
    nodes.push(dequantizeConstant(weight));
    constants.set(weight, { dtype: 'int8', dims: layer.dims, read: () => layer.data });
  } else {
    // A convolution takes int8; the cast of a constant is done once, when a session opens.
    const wide = `${weight}.int8`;
    nodes.push({ name: wide, op: { kind: 'Cast', to: 'int8' }, inputs: [weight], outputs: [wide] });
    nodes.push({ ...dequantizeConstant(weight), inputs: [wide, `${weight}.scale`, `${weight}.zero_point`] });
    constants.set(weight, { dtype: 'int4', dims: layer.dims, read: () => packed(layer.data) });
  }
  constants.set(`${weight}.scale`, { dtype: 'float32', dims: [rows], read: () => layer.scales });
  const zeroPoint = layer.zeroPoint ?? 0;
  constants.set(`${weight}.zero_point`, {
    ...{ dtype: 'int8', dims: [rows] },
    read: () => new Int8Array(rows).fill(zeroPoint),
  });
  if (bias !== undefined && layer.bias) {
    const stored = layer.bias;
    // Exactly the product in float32, or the runtime computes the layer in float.
    const scales = layer.scales.map((scale) => Math.fround(scale * inputScale));
    nodes.push(dequantizeConstant(bias));
    constants.set(bias, { dtype: 'int32', dims: [rows], read: () => stored });
    constants.set(`${bias}.scale`, { dtype: 'float32', dims: [rows], read: () => scales });
    constants.set(`${bias}.zero_point`, { dtype: 'int32', dims: [rows], read: () => new Int32Array(rows) });
  }
  return nodes;
}

function dequantizeConstant(name: string): Node {
  return {
    name: `${name}.dq`,
    op: { kind: 'DequantizeLinear', axis: 0 },
    inputs: [name, `${name}.scale`, `${name}.zero_point`],
    outputs: [`${name}.dq`],
  };
}

/** Integers of 4 bits, two to a byte, the first one low. */
function packed(data: Int8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / 2));
  for (let i = 0; i < data.length; i++) out[i >> 1]! |= (data[i]! & 15) << (4 * (i & 1));
  return out;
}
