import { mulberry32, normal } from '../../src/tensor/random.ts';
import { float32, type Tensor } from '../../src/tensor/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { floatConstant, inputOf, isKind, outputOf, viewOf } from '../graph/view.ts';
import { carryDraws, type Draws } from './carry-draws.ts';
import { observer } from './observe.ts';
import type { Statistics } from './statistics.ts';

/** Values drawn of every channel. */
const DRAWS = 1024;
/** Degrees of freedom of the draws' distribution: activations have heavier tails than a normal one. */
const FREEDOM = 5;
const SEED = 4;

/**
 * Statistics of a trained network's values without any picture. Batch norm states the mean (beta) and the deviation (|gamma|) of
 * every channel that it normalised (Nagel et al. 2019, section 4.2.1); values are drawn from distributions with these moments and
 * the tails of Student's t, and carried on by `carryDraws`. `names` are those of the folded graph, where a convolution bears its
 * batch norm's output; pixels, which no batch norm describes, are left out.
 */
export function dataFreeStatistics(trained: Graph, names: readonly string[]): Statistics {
  const view = viewOf(trained);
  const random = mulberry32(SEED);
  const draws = new Map<string, Draws>();
  const seen = observer(names.filter((name) => trained.nodes.some((node) => node.name === name)));
  const batch: Record<string, Tensor> = {};
  for (const node of trained.nodes) {
    const value = isKind(node, 'BatchNormalization')
      ? drawNorm(trained, node, random)
      : carryDraws(trained, node, (name) => draws.get(name));
    if (value === undefined) continue;
    const output = outputOf(node);
    draws.set(output, value);
    const norm = isKind(node, 'BatchNormalization') ? view.producer(inputOf(node, 0)) : undefined;
    batch[norm ? outputOf(norm) : output] = asTensor(value);
  }
  seen.add(batch);
  return seen.statistics();
}

function drawNorm(graph: Graph, node: Node, random: () => number): Draws {
  const gamma = floatConstant(graph, inputOf(node, 1)).read();
  const beta = floatConstant(graph, inputOf(node, 2)).read();
  return Array.from(gamma, (deviation, c) => heavyTailed(beta[c]!, Math.abs(deviation), random));
}

/** Numbers of Student's t distribution, moved and scaled to a mean and a deviation. */
function heavyTailed(mean: number, deviation: number, random: () => number): Float32Array {
  const scale = deviation * Math.sqrt((FREEDOM - 2) / FREEDOM);
  return Float32Array.from({ length: DRAWS }, () => {
    let chiSquare = 0;
    for (let i = 0; i < FREEDOM; i++) chiSquare += normal(random) ** 2;
    return mean + (scale * normal(random)) / Math.sqrt(chiSquare / FREEDOM);
  });
}

function asTensor(draws: Draws): Tensor<'float32'> {
  const data = new Float32Array(draws.length * DRAWS);
  for (const [c, channel] of draws.entries()) data.set(channel, c * DRAWS);
  return float32([1, draws.length, DRAWS, 1], data);
}
