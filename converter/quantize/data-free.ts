import { affineOf, foldsInto } from '../graph/affine.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { verify } from '../graph/verify.ts';
import { floatConstant, isKind, outputOf, type View, viewOf } from '../graph/view.ts';
import { carryDraws } from './carry-draws.ts';
import { asTensor, type Draw, type Draws, heavyTailed, momentsOf } from './draws.ts';
import { observer } from './observe.ts';
import type { Statistics } from './statistics.ts';

const SEED = 4;

/**
 * Statistics of a trained network's values without any picture. Batch norm states the mean (beta) and the deviation (|gamma|) of
 * every channel that it normalised (Nagel et al. 2019, section 4.2.1), and by its running statistics those of what it read; values are
 * drawn from distributions with these moments and the tails of Student's t, and carried on by `carryDraws`. `names` are those of the
 * folded graph, where a layer bears the output of what folded into it; pixels, which no batch norm describes, are left out.
 */
export function dataFreeStatistics(trained: Graph, names: readonly string[]): Statistics {
  const view = viewOf(trained);
  const facts = verify(trained, 'data-free calibration');
  const draw = heavyTailed(SEED);
  const draws = new Map<string, Draws>();
  const drawsOf = (name: string): Draws | undefined => draws.get(name);
  const folded = new Map<string, string>();
  const found = new Map<string, Draws>();
  for (const node of trained.nodes) {
    const output = outputOf(node);
    const { input } = affineOf(node, trained, facts) ?? {};
    if (input !== undefined && foldsInto(input, view)) folded.set(output, folded.get(input) ?? input);
    const value = drawNode(node, view, draw, () => carryDraws(node, { graph: trained, facts, drawsOf, draw }));
    if (value === undefined) continue;
    draws.set(output, value);
    found.set(folded.get(output) ?? output, value);
  }
  const seen = observer(names.filter((name) => found.has(name)));
  for (const name of names) {
    const value = found.get(name);
    if (value) seen.add({ [name]: asTensor(value, Number(facts.get(name)?.dims[1])) });
  }
  return seen.statistics();
}

/** What a node's batch norm says of its output, or else the one that reads it, or else what can be carried. */
function drawNode(node: Node, view: View, draw: Draw, carry: () => Draws | undefined): Draws | undefined {
  if (isKind(node, 'BatchNormalization')) {
    const [gamma, beta] = parametersOf(node, view);
    return Array.from(gamma!, (deviation, c) => draw(beta![c]!, Math.abs(deviation)));
  }
  const output = outputOf(node);
  const reader = view.consumers(output).find((one) => isKind(one, 'BatchNormalization'));
  if (reader === undefined) return carry();
  // The output of both is found under the layer's name, and is the batch norm's.
  if (foldsInto(output, view)) return undefined;
  const [, , mean, variance] = parametersOf(reader, view);
  const carried = carry();
  return Array.from(mean!, (stated, c) => {
    const deviation = Math.sqrt(variance![c]!);
    const shape = carried?.[c];
    return shape ? moved(shape, stated, deviation) : draw(stated, deviation);
  });
}

/** gamma, beta, mean and variance. */
function parametersOf(norm: Node, { graph }: View): readonly Float32Array[] {
  return norm.inputs.slice(1).map((name) => floatConstant(graph, name).read());
}

/** Numbers moved and scaled to a mean and a deviation. */
function moved(values: Float32Array, mean: number, deviation: number): Float32Array {
  const own = momentsOf(values);
  const factor = own.variance > 0 ? deviation / Math.sqrt(own.variance) : 0;
  return values.map((value) => mean + (value - own.mean) * factor);
}
