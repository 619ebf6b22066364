import { trainingGraph } from '../../../../converter/autodiff/training-graph.ts';
import type { TrainingRecipe } from '../../../../converter/autodiff/types.ts';
import { withBatch } from '../../../../converter/exchange/encode-graph.ts';
import type { Constant, Graph, Node } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { floats } from '../../../../converter/runner.ts';
import { mulberry32 } from '../../../../src/tensor/random.ts';
import { elementCount, float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { runInProcess } from '../runner.ts';

const PRODUCER = { name: 'test', version: '0' };
const BATCH = 2;
/** Step of the differences; test values lie further than that from every kink. */
const STEP = 0.01;

export type Given = Readonly<Record<string, readonly number[] | Constant>>;

/** An op under test with its inputs behind the first, which is the image `x`. */
export type Case = {
  readonly image?: readonly [number, number, number];
  /**
   * One op after the other, whose outputs are v1, v2 and so on; `x` is in v0. Each reads the one before it and what is named here, or
   * nothing but that where a v is named or the first name starts with @.
   */
  readonly nodes: readonly (readonly [Op, ...string[]])[];
  /** Parameters by shape, or constants. */
  readonly given?: Given;
};

/** Odd multiples of two steps, each once, around 0 in a seeded order: every even multiple is two steps away. */
export function apart(count: number, seed: number): Float32Array {
  const random = mulberry32(seed);
  const order = Array.from({ length: count }, (_, i) => ({ i, key: random() })).sort((a, b) => a.key - b.key);
  const data = new Float32Array(count);
  order.forEach(({ i }, place) => {
    data[i] = 2 * STEP * (2 * (place - Math.floor(count / 2)) + 1);
  });
  return data;
}

/** A graph of the case's ops on x = input + `x`, where `x` is a parameter like the others. */
export function graphOf({ image = [3, 4, 4], nodes, given = {} }: Case): Graph {
  const constants = new Map<string, Constant>();
  const add = (name: string, value: readonly number[] | Constant, seed: number): void => {
    if ('dtype' in value) constants.set(name, value);
    else constants.set(name, { dtype: 'float32', dims: value, read: () => apart(elementCount(value), seed) });
  };
  add('x', [BATCH, ...image], 1);
  for (const [i, [name, value]] of Object.entries(given).entries()) add(name, value, i + 2);
  const chain: Node[] = [{ name: 'x.in', op: { kind: 'Add' }, inputs: ['input', 'x'], outputs: ['v0'] }];
  nodes.forEach(([op, ...inputs], i) => {
    const whole = inputs.some((name) => /^(v\d+|@.*)$/.test(name));
    const read = whole ? inputs.map((name) => name.replace('@', '')) : [`v${i}`, ...inputs];
    chain.push({ name: `n${i + 1}.${op.kind}`, op, inputs: read, outputs: [`v${i + 1}`] });
  });
  const end = `v${nodes.length}`;
  chain.push({ name: 'rows', op: { kind: 'Reshape', shape: [BATCH, -1] }, inputs: [end], outputs: ['rows'] });
  return {
    name: 'case',
    inputs: [{ name: 'input', dtype: 'float32', dims: ['N', ...image] }],
    outputs: ['rows'],
    nodes: chain,
    constants,
  };
}

/** The loss in double precision. */
export function lossOf(logits: Float32Array, targets: Float32Array): number {
  const columns = logits.length / BATCH;
  let loss = 0;
  for (let row = 0; row < BATCH; row++) {
    const scores = logits.subarray(row * columns, (row + 1) * columns);
    const top = Math.max(...scores);
    const log = Math.log(scores.reduce((sum, score) => sum + Math.exp(score - top), 0)) + top;
    scores.forEach((score, i) => {
      loss -= targets[row * columns + i]! * (score - log);
    });
  }
  return loss;
}

export type Found = { readonly gradient: Float32Array; readonly differences: Float32Array };

/** Gradients of the parameters, and the same by central differences. */
export async function differentiate(
  graph: Graph,
  { trainable, norms = 'live' }: Partial<TrainingRecipe> = {},
): Promise<ReadonlyMap<string, Found>> {
  const floating = [...graph.constants].filter(([, { dtype }]) => dtype === 'float32').map(([name]) => name);
  const names = trainable ?? new Set(floating);
  const training = trainingGraph(graph, { batch: BATCH, trainable: names, norms });
  const model = await runInProcess(training.encode(PRODUCER), { optimize: true });
  const dims = [BATCH, ...(graph.inputs[0]?.dims.slice(1).map(Number) ?? [])];
  const input = float32(dims, new Float32Array(elementCount(dims)));
  const values = new Map(
    training.parameters.map(({ name, dims }) => [
      name,
      float32(dims, (graph.constants.get(name)!.read() as Float32Array).slice()),
    ]),
  );
  const facts = verify(withBatch(graph, BATCH), 'test');
  const targets = targetsOf(Number(facts.get(graph.outputs[0]!)?.dims[1]));
  const feeds: Record<string, Tensor> = { input, targets, ...Object.fromEntries(values) };
  const probe = await model.run(feeds);
  const at = async (): Promise<number> => lossOf(floats(await model.run(feeds, ['logits']), 'logits'), targets.data);
  const found = new Map<string, Found>();
  for (const { name, gradient } of training.parameters) {
    const { data } = values.get(name)!;
    const differences = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const middle = data[i]!;
      data[i] = middle + STEP;
      const [high, above] = [data[i]!, await at()];
      data[i] = middle - STEP;
      differences[i] = (above - (await at())) / (high - data[i]!);
      data[i] = middle;
    }
    found.set(name, { gradient: floats(probe, gradient), differences });
  }
  await model.close();
  return found;
}

/** Uneven weights, of both signs, so that no symmetry hides a mistake. */
export function targetsOf(columns: number): Tensor<'float32'> {
  const data = Float32Array.from({ length: BATCH * columns }, (_, i) => Math.sin(1 + 3 * i));
  return float32([BATCH, columns], data);
}

/** The largest distance between both, over the largest difference. */
export function distance({ gradient, differences }: Found): number {
  const size = differences.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
  return gradient.reduce((worst, value, i) => Math.max(worst, Math.abs(value - differences[i]!)), 0) / size;
}
