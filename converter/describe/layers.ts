import { arrayLength, bytesPerEntry } from '../../src/tensor/dtype.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Fact } from '../graph/graph.ts';
import { type Held, peakMemory } from './peak-memory.ts';
import type { Step, Steps, Unknown } from './steps.ts';

/** A node with those that go with it, such as `Conv+Relu`. Figures that need a shape that is not known are null. */
export type Layer = {
  readonly name: string;
  readonly op: string;
  /** Shape for one picture, or for the file's batch where that is fixed. */
  readonly output: readonly number[] | null;
  readonly parameters: number;
  /** Multiplications with a weight. */
  readonly macs: number | null;
  /** What the output takes where the layer stores one of its own. */
  readonly activationBytes: number | null;
  /** Of the weights, or of the output where it has none. */
  readonly precision: string | null;
};

export type LayerTable = {
  readonly layers: readonly Layer[];
  readonly totals: {
    readonly parameters: number;
    readonly macs: number;
    /** Largest sum of the activations that have to be there at once, and the layer that runs then. */
    readonly peakActivationBytes: number;
    readonly peakAt: string | null;
  };
  readonly unknown: readonly Unknown[];
};

/** Computed on the way out of what comes before, where nothing else reads that. */
const FOLLOWERS: ReadonlySet<string> = new Set([
  ...['BatchNormalization', 'Relu', 'Clip', 'LeakyRelu', 'PRelu', 'Elu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh'],
  ...['Dropout', 'Identity', 'Cast', 'QuantizeLinear'],
]);
/** Another name or shape for the same numbers. */
const VIEWS: ReadonlySet<string> = new Set([
  ...['DequantizeLinear', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout'],
]);
/** Said by the precision. */
const UNNAMED: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

type Group = { readonly steps: Step[]; output: string };

/** Layers as a runtime would run them, with what they cost, and the totals; every tensor is counted once. */
export function layerTable({ steps, inputs, outputs, facts, unknown }: Steps): LayerTable {
  const groups = groupSteps(steps, outputs);
  const counted = new Set<string>();
  const owner = new Map<string, string>();
  const root = (value: string): string => owner.get(value) ?? value;
  const held: Held[] = [];
  const layers: Layer[] = [];
  for (const { steps: together, output } of groups) {
    const [first] = together;
    if (!first) continue;
    if (isView(first) && first.inputs[0] !== undefined) owner.set(output, root(first.inputs[0]));
    const named = together.map(({ op }) => op).filter((op) => !UNNAMED.has(op));
    const read = together.flatMap((step) => step.inputs).map(root);
    const bytes = bytesOf(facts.get(output));
    const own = root(output) === output;
    held.push({ name: first.name, reads: read, stores: output, bytes: own ? (bytes ?? 0) : 0 });
    if (named.length === 0 && first.op === 'DequantizeLinear') continue;
    const tensors = together.flatMap(({ parameters }) => parameters).filter(({ name }) => !counted.has(name));
    for (const { name } of tensors) counted.add(name);
    layers.push({
      name: first.name,
      op: named.join('+') || first.op,
      output: shapeOf(facts.get(output)) ?? null,
      parameters: tensors.reduce((sum, { dims }) => sum + elementCount(dims), 0),
      macs: macsOf(first, facts),
      activationBytes: own ? (bytes ?? null) : 0,
      precision: first.parameters[0]?.dtype ?? facts.get(output)?.dtype ?? null,
    });
  }
  const given = inputs.map((name) => ({ name, bytes: bytesOf(facts.get(name)) ?? 0 }));
  const peak = peakMemory(held, given, outputs.map(root));
  return {
    layers,
    totals: {
      parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
      macs: layers.reduce((sum, { macs }) => sum + (macs ?? 0), 0),
      peakActivationBytes: peak.bytes,
      peakAt: peak.at,
    },
    unknown,
  };
}

/** Every step with the followers that alone read it. */
function groupSteps(steps: readonly Step[], outputs: readonly string[]): readonly Group[] {
  const readers = new Map<string, number>();
  for (const value of [...steps.flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(value, (readers.get(value) ?? 0) + 1);
  }
  const groups: Group[] = [];
  const byOutput = new Map<string, Group>();
  for (const step of steps) {
    const [input = ''] = step.inputs;
    const before = byOutput.get(input);
    const follows = FOLLOWERS.has(step.op) && step.inputs.length === 1 && readers.get(input) === 1;
    if (before && follows && !isSource(before)) {
      before.steps.push(step);
      before.output = step.output;
      byOutput.set(step.output, before);
    } else {
      const group = { steps: [step], output: step.output };
      groups.push(group);
      byOutput.set(step.output, group);
    }
  }
  return groups;
}

/** A dequantized value is what is stored before it: what follows is a layer of its own. */
function isSource({ steps }: Group): boolean {
  return steps.at(-1)?.op === 'DequantizeLinear';
}

function isView({ op }: Step): boolean {
  return VIEWS.has(op);
}

const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv', 'FusedConv', 'QLinearConv', 'ConvInteger']);
const PRODUCTS: ReadonlySet<string> = new Set(['Gemm', 'QGemm', 'MatMul', 'QLinearMatMul', 'MatMulInteger']);

/** Null where a shape is not known; a convolution that only moves channels, whose weights were not learnt, has none. */
function macsOf({ op, inputs, output, parameters }: Step, facts: ReadonlyMap<string, Fact>): number | null {
  const convolves = CONVOLUTIONS.has(op);
  if (!convolves && !PRODUCTS.has(op)) return 0;
  const made = shapeOf(facts.get(output));
  if (!made) return null;
  const [weight] = parameters;
  if (convolves) {
    if (!weight) return inputs.length > 1 ? null : 0;
    return elementCount(made) * elementCount(weight.dims.slice(1));
  }
  const depth = shapeOf(facts.get(inputs[0] ?? ''))?.at(-1);
  return depth === undefined ? null : elementCount(made) * depth;
}

function shapeOf(fact: Fact | undefined): readonly number[] | undefined {
  const dims = fact?.dims.map(Number);
  return dims?.every(Number.isFinite) ? dims : undefined;
}

function bytesOf(fact: Fact | undefined): number | undefined {
  const dims = shapeOf(fact);
  return fact && dims && arrayLength(fact.dtype, elementCount(dims)) * bytesPerEntry(fact.dtype);
}
