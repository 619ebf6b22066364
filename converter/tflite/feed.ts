import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { inputOf } from '../graph/view.ts';
import { channelsLastInput } from '../passes/raw-input.ts';
import { quantizedName } from '../quantize/stored.ts';

/** How the model's input is stored; `bytes`: its users feed the integers, and not floats. */
export type Fed = QuantizationParameters & { readonly bytes: boolean };

/**
 * How far a pixel may lie from the integer that stands for it, in steps: where users feed integers, half a step, as rounding leaves
 * it; more than nothing in either case, which is what rounding of the scale adds.
 */
const FARTHEST = { bytes: 0.5 + 1e-3, floats: 1e-2 } as const;

/**
 * Gives a quantized graph, float32 `input` [N, 3, H, W], the input that its users feed. Raw pixels are the stored integers themselves
 * where normalising and quantizing gives each its own number back, and are normalised and quantized where it does not.
 */
export function fed(graph: Graph, preprocessing: Preprocessing, stored: Fed | undefined): Graph {
  if (preprocessing.input === 'float') return preprocessing.layout === 'nhwc' ? channelsLastInput(graph) : graph;
  const [input] = graph.inputs;
  if (input === undefined) return graph;
  const { channels, mean, std, scale } = preprocessing;
  const nodes: Node[] = [step('pixels', { kind: 'Transpose', perm: [0, 3, 1, 2] }, [input.name])];
  const constants = new Map(graph.constants);
  let pixels = 'pixels';
  const add = (name: string, op: Node['op'], ...operands: readonly Constant[]): void => {
    const names = operands.map((operand) => {
      constants.set(`${name}.operand`, operand);
      return `${name}.operand`;
    });
    nodes.push(step(name, op, [pixels, ...names]));
    pixels = name;
  };
  if (channels === 'bgr') {
    add('pixels.bgr', { kind: 'Slice', axes: [1], starts: [2], ends: [-4], steps: [-1] });
  }
  const quantized = quantizedName(input.name);
  const direct = stored !== undefined && isPixel(stored, preprocessing);
  if (!direct) {
    add('pixels.float', { kind: 'Cast', to: 'float32' });
    add('pixels.centred', { kind: 'Sub' }, perChannel(mean.map((value) => value * scale)));
    add('pixels.normalised', { kind: 'Mul' }, perChannel(std.map((value) => 1 / (scale * value))));
  }
  const replaced = direct ? quantized : input.name;
  const [n = 'N', c = 3, h = 0, w = 0] = input.dims;
  const rest = graph.nodes
    .filter(({ name }) => !(direct && name === quantized))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => (name === replaced ? pixels : name)) }));
  return {
    ...graph,
    inputs: [{ ...input, dtype: 'uint8', dims: [n, h, w, c] }],
    nodes: [...nodes, ...rest],
    constants,
  };
}

/** True where every pixel is stored as the number that it is. */
function isPixel({ scale: step, zeroPoint, bytes }: Fed, { mean, std, scale }: Preprocessing): boolean {
  const farthest = bytes ? FARTHEST.bytes : FARTHEST.floats;
  const storedAs = (pixel: number, channel: number): number =>
    (pixel / scale - mean[channel]!) / std[channel]! / step + zeroPoint;
  return [0, 255].every((pixel) => mean.every((_, channel) => Math.abs(storedAs(pixel, channel) - pixel) <= farthest));
}

function perChannel(values: readonly number[]): Constant<'float32'> {
  const data = Float32Array.from(values);
  return { dtype: 'float32', dims: [1, values.length, 1, 1], read: () => data };
}

function step(name: string, op: Node['op'], inputs: readonly string[]): Node {
  return { name, op, inputs, outputs: [name] };
}

/** True where the first thing that a graph does to its pictures is arithmetic with constants: it normalises them itself. */
export function normalises({ nodes, constants }: Graph): boolean {
  const first = nodes.find(({ op: { kind }, inputs }) => kind !== 'Transpose' && inputs.length > 0);
  const kind = first?.op.kind ?? '';
  return /^(Add|Sub|Mul|Div)$/.test(kind) && constants.has(inputOf(first!, 1));
}
