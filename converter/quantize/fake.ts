import { ResedgeError } from '../../src/errors.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { floatConstant, inputOf, isKind, outputOf } from '../graph/view.ts';
import { applyPlan } from './apply.ts';
import type { LayerPlan, QuantizationPlan } from './plan.ts';
import { type Scheme, weightMax } from './scheme.ts';

/** A graph that rounds as the quantized one does, with weights and biases that can learn. */
export type FakeQuantized = {
  /** Its input is float32 also where the quantized graph takes bytes: the same numbers. */
  readonly graph: Graph;
  /** Weights and biases of the layers: float32 constants under the names that they have in the float graph. */
  readonly trainable: ReadonlySet<string>;
  /**
   * By weight, a factor on the learning rate: the square of the layer's step over the median layer's, at most 1. A convolution of pixels
   * from 0 to 255 has weights, and steps, hundreds of times finer than others, and gradients as many times larger.
   */
  readonly rates: ReadonlyMap<string, number>;
};

/**
 * Fake quantization (Jacob et al. 2018, section 3): every planned value is rounded to its integers and back, every layer's weights as
 * clip(round(w / scale), -max, max) * scale, on the plan's own scales. Biases stay in float, their steps being far finer, and begin as
 * stored. Weights begin where they round to the plan's integers: as the float graph has them, moved into the integer's half step where
 * learned rounding left it.
 */
export function fakeQuantized(graph: Graph, plan: QuantizationPlan, scheme: Scheme): FakeQuantized {
  const quantized = applyPlan(graph, plan);
  const constants = new Map(quantized.constants);
  const trainable = new Set<string>();
  const stored = new Map(
    graph.nodes.flatMap((node) => {
      const layer = plan.layers.get(node.name);
      return layer ? [[inputOf(node, 1), layer] as const] : [];
    }),
  );
  const biases = new Set(graph.nodes.flatMap(({ name, inputs }) => (plan.layers.has(name) ? inputs.slice(2) : [])));
  const nodes = quantized.nodes.flatMap((node): readonly Node[] => {
    const weight = node.outputs[0]?.replace(/\.dq$/, '') ?? '';
    const layer = isKind(node, 'DequantizeLinear') ? stored.get(weight) : undefined;
    if (layer) {
      trainable.add(weight);
      return fakeWeights(
        weight,
        latentWeights(floatConstant(graph, weight), layer),
        layer,
        weightMax(scheme),
        constants,
      );
    }
    if (isKind(node, 'DequantizeLinear') && biases.has(weight)) return [];
    if (isKind(node, 'Cast') && stored.has(inputOf(node, 0))) return [];
    return [
      {
        ...node,
        inputs: node.inputs.map((name) => (biases.has(name.replace(/\.dq$/, '')) ? name.slice(0, -3) : name)),
      },
    ];
  });
  for (const bias of biases) {
    constants.set(bias, storedBias(quantized, bias));
    trainable.add(bias);
  }
  const fake = withoutUnread(inFloat({ ...quantized, nodes, constants }));
  verify(fake, 'fake quantization');
  return { graph: fake, trainable, rates: ratesOf(stored) };
}

function ratesOf(layers: ReadonlyMap<string, LayerPlan>): ReadonlyMap<string, number> {
  const steps = [...layers].map(([weight, { scales }]) => [weight, median([...scales])] as const);
  const usual = median(steps.map(([, step]) => step));
  return new Map(steps.map(([weight, step]) => [weight, Math.min(1, (step / usual) ** 2)]));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Weights that round to a plan's integers and lie as near to the float ones as that allows. */
function latentWeights(weight: Constant<'float32'>, { data, scales }: LayerPlan): Constant<'float32'> {
  /** A little less than half a step, so that rounding leads back. */
  const REACH = 0.49;
  const exact = weight.read();
  const size = exact.length / scales.length;
  const latent = Float32Array.from(data, (q, i) => {
    const scale = scales[Math.floor(i / size)]!;
    return Math.max(q - REACH, Math.min(q + REACH, exact[i]! / scale)) * scale;
  });
  return { dtype: 'float32', dims: weight.dims, read: () => latent };
}

/** What a quantized graph's bias stands for, corrections of its mean included. */
function storedBias({ constants }: Graph, name: string): Constant<'float32'> {
  const [stored, scales] = [constants.get(name), constants.get(`${name}.scale`)];
  if (stored?.dtype !== 'int32' || scales?.dtype !== 'float32') {
    throw new ResedgeError('internal', `expected a stored bias ${name}, found ${stored?.dtype ?? 'none'}`);
  }
  const steps = scales.read();
  const data = Float32Array.from(stored.read(), (q, row) => q * steps[row]!);
  return { dtype: 'float32', dims: stored.dims, read: () => data };
}

/** The nodes from a weight to what the layer computes with, their constants added. */
function fakeWeights(
  weight: string,
  latent: Constant<'float32'>,
  { scales }: LayerPlan,
  max: number,
  constants: Map<string, Constant>,
): readonly Node[] {
  const { dims } = latent;
  const float = (part: string, data: Float32Array, shape: readonly number[]): string => {
    constants.set(`${weight}.${part}`, { dtype: 'float32', dims: shape, read: () => data });
    return `${weight}.${part}`;
  };
  const step = (part: string, op: Node['op'], inputs: readonly string[]): Node => ({
    name: `${weight}.${part}`,
    op,
    inputs,
    outputs: [`${weight}.${part}`],
  });
  constants.set(weight, latent);
  constants.set(`${weight}.zero_point`, { dtype: 'int8', dims: [], read: () => new Int8Array(1) });
  const perRow = float('scale', scales, [scales.length, ...dims.slice(1).map(() => 1)]);
  const unit = [float('unit', Float32Array.of(1), []), `${weight}.zero_point`];
  return [
    step('steps', { kind: 'Div' }, [weight, perRow]),
    step('clipped', { kind: 'Clip', min: -max, max }, [`${weight}.steps`]),
    step('q', { kind: 'QuantizeLinear' }, [`${weight}.clipped`, ...unit]),
    step('rounded', { kind: 'DequantizeLinear' }, [`${weight}.q`, ...unit]),
    step('dq', { kind: 'Mul' }, [`${weight}.rounded`, perRow]),
  ];
}

/** The same graph for bytes that come as float32: what reads them as integers subtracts and scales. */
function inFloat(graph: Graph): Graph {
  const bytes = new Set(graph.inputs.flatMap(({ name, dtype }) => (dtype === 'uint8' ? [name] : [])));
  if (bytes.size === 0) return graph;
  const constants = new Map(graph.constants);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const [first = ''] = node.inputs;
    if (!bytes.has(first)) return [node];
    if (!isKind(node, 'DequantizeLinear')) {
      // Pads, transposes and casts of bytes are those of floats; behind a cast the graph computes in float as it is.
      if (!isKind(node, 'Cast')) bytes.add(outputOf(node));
      return [node];
    }
    const zeroPoint = constants.get(inputOf(node, 2))?.read()[0] ?? 0;
    const zero = `${node.name}.zero`;
    constants.set(zero, { dtype: 'float32', dims: [], read: () => Float32Array.of(Number(zeroPoint)) });
    const centred = `${node.name}.centred`;
    return [
      { name: centred, op: { kind: 'Sub' }, inputs: [first, zero], outputs: [centred] },
      { ...node, op: { kind: 'Mul' }, inputs: [centred, inputOf(node, 1)] },
    ];
  });
  const inputs = graph.inputs.map((input) =>
    input.dtype === 'uint8' ? { ...input, dtype: 'float32' as const } : input,
  );
  return { ...graph, inputs, nodes, constants };
}

function withoutUnread(graph: Graph): Graph {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, constants: new Map([...graph.constants].filter(([name]) => read.has(name))) };
}
