import { ResedgeError } from '../../src/errors.ts';
import { newNames } from '../exchange/names.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import { dropDead } from '../graph/patch.ts';
import { quote } from '../weights/bytes.ts';
import { callOf, type Written } from './call.ts';
import { refuseLayer } from './config.ts';
import { READERS } from './layers/index.ts';
import type { Layer, Model, Reference, Value, WeightSource } from './types.ts';

export type Built = {
  readonly graph: Graph;
  /** Paths of all arrays that belong to a layer of the model. */
  readonly used: ReadonlySet<string>;
};

/** How a model is to be read. */
export type Reading = {
  readonly weights: WeightSource;
  readonly channelsLast: boolean;
  /** Keras's major version. */
  readonly version: number;
};

/**
 * A model's graph for square pictures of a size: float32 `input` [N, 3, size, size] to the model's outputs, nodes named for their
 * layers. Throws `unsupported` or `input` naming the layer at fault.
 */
export function buildModel(model: Model, size: number, { weights, channelsLast, version }: Reading): Built {
  const nodes: Node[] = [];
  const constants = new Map<string, Constant>();
  const names = newNames();
  const used = new Set<string>();
  const input: Value = { name: 'input', fact: { dtype: 'float32', dims: ['N', 3, size, size] } };

  const runModel = (current: Model, path: readonly Layer[], fed: readonly Value[]): readonly Value[] => {
    const results = new Map<string, readonly Value[]>();
    const keyOf = (layer: string, call: number): string => `${call} ${layer}`;
    const find = ([layer, call, output]: Reference): Value | undefined => results.get(keyOf(layer, call))?.[output];
    const compute = (layer: Layer, inputs: readonly Value[]): readonly Value[] => {
      const way = [...path, layer];
      if (layer.model) return runModel(layer.model, way, inputs);
      const reader = READERS.get(layer.kind) ?? refuseLayer(layer.kind, layer.name);
      const written: Written = { nodes, constants, names, used };
      return [reader(callOf(way, inputs, { weights, channelsLast, version }, written))];
    };
    for (const [place, reference] of current.inputs.entries()) {
      const value = fed[place];
      if (value) results.set(keyOf(reference[0], reference[1]), [value]);
    }
    type Waiting = { readonly layer: Layer; readonly call: number; readonly reads: readonly Reference[] };
    let waiting: readonly Waiting[] = current.layers.flatMap((layer) =>
      layer.calls.map((reads, call) => ({ layer, call, reads })),
    );
    while (waiting.length > 0) {
      const left = waiting.filter(({ layer, call, reads }) => {
        const inputs = reads.map(find);
        if (!inputs.every((value) => value !== undefined)) return true;
        if (layer.kind === 'InputLayer') return false;
        results.set(keyOf(layer.name, call), compute(layer, inputs));
        return false;
      });
      if (left.length === waiting.length) throw stuck(left[0]!.layer, left[0]!.reads, current);
      waiting = left;
    }
    return current.outputs.map((reference) => find(reference) ?? dangling(current, reference));
  };

  const outputs = runModel(model, [], [input]);
  const graph: Graph = {
    name: model.name,
    inputs: [{ name: input.name, ...input.fact }],
    outputs: outputs.map(({ name }) => name),
    nodes,
    constants,
  };
  return { graph: dropDead(graph), used };
}

function stuck(layer: Layer, reads: readonly Reference[], model: Model): ResedgeError {
  const known = new Set(model.layers.map(({ name }) => name));
  const missing = reads.find(([name]) => !known.has(name));
  const why =
    missing === undefined
      ? 'which waits for a result that never comes: its layers read one another in a circle, or an input is missing'
      : `which is to read ${quote(missing[0])}, a layer that is not there`;
  return new ResedgeError('input', `expected layers that can run in some order, received ${quote(layer.name)}, ${why}`);
}

function dangling(model: Model, [layer]: Reference): never {
  throw new ResedgeError(
    'input',
    `expected ${quote(layer)} to make the output of model ${quote(model.name)}, it makes none`,
  );
}
