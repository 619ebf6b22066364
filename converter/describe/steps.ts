import type { DType } from '../../src/tensor/dtype.ts';
import type { Fact, Graph } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { outputOf } from '../graph/view.ts';

/** A tensor of learnt numbers that a step holds. */
export type Parameter = { readonly name: string; readonly dtype: DType; readonly dims: readonly number[] };

/** One node of a network, from whatever kind of file. */
export type Step = {
  readonly name: string;
  readonly op: string;
  /** Values that are computed, in order. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly parameters: readonly Parameter[];
};

/** A step whose output's shape could not be found; `reason` for people. */
export type Unknown = { readonly name: string; readonly op: string; readonly reason: string };

export type Steps = {
  readonly steps: readonly Step[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Type and shape of values by name, for one picture; those that could not be found are missing. */
  readonly facts: ReadonlyMap<string, Fact>;
  readonly unknown: readonly Unknown[];
};

/** Inputs that are learnt, by operator; for others all constants are, save integers that say a shape and single numbers. */
const LEARNT: ReadonlyMap<string, readonly number[]> = new Map([
  // Mean and variance are statistics.
  ['BatchNormalization', [1, 2]],
  ['FusedConv', [1, 2]],
  ['QLinearConv', [3, 8]],
  ['QLinearMatMul', [0, 3]],
  ['QGemm', [3, 6]],
  ['QLinearAdd', [0, 3]],
  ['QLinearMul', [0, 3]],
  ['QLinearGlobalAveragePool', []],
  ['QuantizeLinear', [0]],
  ['DequantizeLinear', [0]],
  ['Clip', []],
]);

export function isLearnt(op: string, index: number, { dtype, dims }: Omit<Parameter, 'name'>): boolean {
  return LEARNT.get(op)?.includes(index) ?? (dtype !== 'int64' && dims.length > 0);
}

/** The steps of a graph for one picture; `isParameter` tells learnt constants from those that only stand for a shape of the network. */
export function stepsOfGraph(graph: Graph, isParameter: (constant: string) => boolean): Steps {
  const inputs = graph.inputs.map((input) => ({ ...input, dims: onePicture(input.dims) }));
  const facts = verify({ ...graph, inputs }, 'describe');
  const steps = graph.nodes.map((node): Step => {
    const parameters = node.inputs.flatMap((name, index) => {
      const constant = graph.constants.get(name);
      if (!constant || !isParameter(name) || !isLearnt(node.op.kind, index, constant)) return [];
      return [{ name, dtype: constant.dtype, dims: constant.dims }];
    });
    const computed = node.inputs.filter((name) => !graph.constants.has(name));
    return { name: node.name, op: node.op.kind, inputs: computed, output: outputOf(node), parameters };
  });
  return { steps, inputs: inputs.map(({ name }) => name), outputs: graph.outputs, facts, unknown: [] };
}

/** Dimensions with one picture in place of any number of them. */
export function onePicture([first, ...rest]: Fact['dims']): Fact['dims'] {
  return typeof first === 'string' ? [1, ...rest] : first === undefined ? [] : [first, ...rest];
}
