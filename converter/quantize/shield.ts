import { ResedgeError } from '../../src/errors.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { type Rewrite, rewrite } from '../graph/patch.ts';
import { floatConstant, inputOf, isKind, outputOf, type View } from '../graph/view.ts';
import { isWeighted } from './weighted.ts';

/**
 * Lets layers in float read stored values by a scale for each channel, all of them equal. ONNX Runtime's WeightBiasQuantization
 * quantizes a layer's float weights, with one scale for all of them, where its input comes from a DequantizeLinear of a single scale;
 * these it leaves alone.
 */
export function shieldFloat(graph: Graph, kept: ReadonlyMap<string, string>): Graph {
  const isShielded = (node: Node): boolean => isWeighted(node) && kept.has(node.name);
  const rule: Rewrite = (node, view) => (isShielded(node) ? shieldedNode(node, view, isShielded) : undefined);
  return kept.size === 0 ? graph : rewrite(graph, rule);
}

function shieldedNode(node: Node, view: View, isShielded: (node: Node) => boolean): ReturnType<Rewrite> {
  const dequantize = view.producer(inputOf(node, 0));
  if (!isKind(dequantize, 'DequantizeLinear')) return undefined;
  const name = `${node.name}.input`;
  const channels = inputChannels(node, view.graph);
  const [scale = 1] = floatConstant(view.graph, inputOf(dequantize, 1)).read();
  const parameters = [`${name}.scale`, `${name}.zero_point`] as const;
  const unread = view.consumers(outputOf(dequantize)).every(isShielded);
  return {
    remove: unread ? [node.name, dequantize.name] : [node.name],
    add: [
      {
        name,
        op: { kind: 'DequantizeLinear', axis: 1 },
        inputs: [inputOf(dequantize, 0), ...parameters],
        outputs: [name],
      },
      { ...node, inputs: [name, ...node.inputs.slice(1)] },
    ],
    constants: new Map<string, Constant>([
      [parameters[0], { dtype: 'float32', dims: [channels], read: () => new Float32Array(channels).fill(scale) }],
      [parameters[1], repeated(view.graph.constants.get(inputOf(dequantize, 2)), channels)],
    ]),
  };
}

function inputChannels(node: Node, graph: Graph): number {
  const [, perGroup = 1] = floatConstant(graph, inputOf(node, 1)).dims;
  return isKind(node, 'Conv') ? perGroup * node.op.group : perGroup;
}

/** A zero point for each channel. */
function repeated(zeroPoint: Constant | undefined, channels: number): Constant {
  const dims = [channels];
  switch (zeroPoint?.dtype) {
    case 'uint8':
      return { dtype: 'uint8', dims, read: () => new Uint8Array(channels).fill(zeroPoint.read()[0]!) };
    case 'int8':
      return { dtype: 'int8', dims, read: () => new Int8Array(channels).fill(zeroPoint.read()[0]!) };
    case 'uint16':
      return { dtype: 'uint16', dims, read: () => new Uint16Array(channels).fill(zeroPoint.read()[0]!) };
    default:
      throw new ResedgeError('internal', `expected an integer zero point, found ${zeroPoint?.dtype ?? 'none'}`);
  }
}
