import { ResedgeError } from '../../src/errors.ts';
import { streamModel } from '../../src/onnx/encode.ts';
import type { Model, ValueInfo } from '../../src/onnx/schema.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { namedTensor, type Producer, withBatch } from '../exchange/encode-graph.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { type Facts, verify } from '../graph/verify.ts';
import { inputOf, isKind, outputOf } from '../graph/view.ts';
import { type Differentiation, emitBackward, siteOf, sizesOf } from './backward.ts';
import { createEmitter, type Emitter, MICROSOFT } from './emitter.ts';
import { emitForward, OPSET } from './forward.ts';
import { learningValues, withReservedNames } from './learning.ts';
import { emitLoss, LOGITS, LOSS, TARGETS } from './loss.ts';
import { statisticsOf } from './rules/norm.ts';
import type { MovingStatistics, Parameter, TrainingGraph, TrainingRecipe } from './types.ts';

const IR_VERSION = 8;

/**
 * The step of training that a recipe makes of a graph, by reverse-mode differentiation: the graph forward, the loss, and the gradient of
 * every trainable constant. Throws `unsupported` naming a node that gradients have to pass and cannot.
 */
export function trainingGraph(given: Graph, recipe: TrainingRecipe): TrainingGraph {
  const graph = withReservedNames(withBatch(given, recipe.batch), recipe);
  const facts = verify(graph, 'the choice of a batch');
  const parts: Differentiation = { graph, facts, recipe, learning: learningValues(graph, recipe) };
  const taken = [...facts.keys(), ...graph.nodes.map(({ name }) => name), TARGETS, LOSS];
  const emit = createEmitter(new Set([...taken, ...[...recipe.trainable].map(gradientOf)]));
  emit.keep([...graph.constants].filter(([name]) => !recipe.trainable.has(name)).map(namedTensor));
  for (const node of graph.nodes) {
    emitForward(siteOf(emit, parts, node), recipe.norms, parts.learning.has(outputOf(node)));
  }
  const parameters = nameGradients(emit, parts, emitBackward(emit, parts, emitLoss(emit)));
  const statistics = recipe.norms === 'live' ? graph.nodes.flatMap((node) => movingStatistics(node, facts)) : [];
  const model = modelOf(emit, parts, parameters, statistics);
  return { parameters, statistics, encode: (producer) => streamModel(model(producer)) };
}

function gradientOf(name: string): string {
  return `${name}.gradient`;
}

function nameGradients(
  emit: Emitter,
  { recipe, facts }: Differentiation,
  gradients: ReadonlyMap<string, string>,
): readonly Parameter[] {
  return [...recipe.trainable].map((name) => {
    const found = gradients.get(name);
    if (found === undefined)
      throw new ResedgeError('unsupported', `expected the loss to have a gradient with regard to ${name}`);
    const gradient = gradientOf(name);
    emit.place({
      name: gradient,
      op: 'Identity',
      domain: '',
      inputs: [found],
      outputs: [gradient],
      attributes: new Map(),
    });
    return { name, dims: sizesOf(facts, name), gradient };
  });
}

function movingStatistics(node: Node, facts: Facts): readonly MovingStatistics[] {
  if (!isKind(node, 'BatchNormalization')) return [];
  const dims = sizesOf(facts, outputOf(node));
  const [runningMean, runningVariance] = [inputOf(node, 3), inputOf(node, 4)];
  return [
    { ...statisticsOf(outputOf(node)), runningMean, runningVariance, count: elementCount(dims) / (dims[1] ?? 1) },
  ];
}

function modelOf(
  emit: Emitter,
  { graph, facts }: Differentiation,
  parameters: readonly Parameter[],
  statistics: readonly MovingStatistics[],
): (producer: Producer) => Model {
  const info = (name: string, dims: readonly number[]): ValueInfo => ({ name, dtype: 'float32', dims });
  const read = new Set(emit.nodes.flatMap(({ inputs }) => inputs));
  const scores = sizesOf(facts, LOGITS);
  const moments = statistics.flatMap(({ mean, variance, runningMean }) =>
    [mean, variance].map((name) => info(name, sizesOf(facts, runningMean))),
  );
  return ({ name, version }) => ({
    irVersion: IR_VERSION,
    opsets: [
      { domain: '', version: OPSET },
      { domain: MICROSOFT, version: 1 },
    ],
    producerName: name,
    producerVersion: version,
    metadata: new Map(),
    graph: {
      name: graph.name,
      nodes: emit.nodes,
      initializers: emit.initializers.filter((tensor) => read.has(tensor.name)),
      inputs: [...graph.inputs, info(TARGETS, scores), ...parameters.map(({ name, dims }) => info(name, dims))],
      outputs: [
        info(LOSS, []),
        info(LOGITS, scores),
        ...parameters.map(({ gradient, dims }) => info(gradient, dims)),
        ...moments,
      ],
      values: [],
    },
  });
}
