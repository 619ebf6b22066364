import { ResedgeError } from '../src/errors.ts';
import { encodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { Conversion, ConvertOptions } from './conversion.ts';
import { convertToHalf, halfCandidates } from './convert-half.ts';
import { convertToInt8, observedValues } from './convert-int8.ts';
import { judgeStored, quantizedBy, STORED_SCHEME } from './convert-stored.ts';
import { encodeGraph } from './exchange/encode-graph.ts';
import { endInProbabilities } from './exchange/scores.ts';
import { floatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import type { Network } from './network.ts';
import { absorbInput } from './passes/absorb-input.ts';
import { applyPasses, FOLD, inputPasses } from './passes/index.ts';
import { largestError, logitsAsTrained } from './prove.ts';
import { correctionsOf } from './quantize/recipe.ts';
import type { ModelRunner } from './runner.ts';
import type { Ports } from './targets/types.ts';

/**
 * From weights to an ONNX file: build, fold, prove, and for INT8 calibrate, plan, apply and compare. `run` executes models
 * along the way. Throws `input` where the weights, labels or calibration cannot be used.
 */
export async function convert(network: Network, options: ConvertOptions, run: ModelRunner): Promise<Conversion> {
  const { preprocessing, producer, int8, fp16, stored, onProgress } = options;
  const { parameters } = network;
  const metadata = describeModel(network, options);
  const trained = network.build(preprocessing.inputSize);
  // What the network does to its pixels itself joins the normalisation: `inside` is both.
  const { graph: folded, preprocessing: inside } = absorbInput(applyPasses(trained, FOLD), preprocessing);
  const float = applyPasses(folded, inputPasses(inside, false));

  onProgress?.('prove', 0, 1);
  const expected = await logitsAsTrained(trained, preprocessing, producer, run);
  const observed = int8 ? observedValues(float) : fp16 ? halfCandidates(float) : [];
  const [logits = ''] = float.outputs;
  // Weights that learn do so between the channels as they are.
  const corrections = int8
    ? correctionsOf(int8.recipe, parameters).filter((name) => !(int8.learn && name === 'equalize'))
    : [];
  const summaries = int8?.calibration.kind === 'pictures' && !corrections.includes('rounding');
  const reference = floatModel(float, observed, preprocessing.inputSize, producer, run);
  try {
    // Proved on the session that calibration will use.
    if (summaries || fp16) await reference.summaries();
    else if (int8 && int8.calibration.kind !== 'pictures') await reference.all();
    const maxAbsError = await largestError(await reference.current(), logits, preprocessing, expected);
    onProgress?.('prove', 1, 1);
    const proved = { metadata, foldedLayers: normsOf(trained) - normsOf(folded), maxAbsError };
    const ended = (graph: Graph): Graph => (network.output === 'probabilities' ? endInProbabilities(graph) : graph);
    const write = (graph: Graph, described = metadata): Iterable<Uint8Array> =>
      encodeGraph(ended(graph), { producer, metadata: encodeMetadata(described), ...options.file });
    const written = (graph: Graph, described = metadata): Pick<Conversion, 'model' | 'ports'> => ({
      model: write(graph, described),
      ports: portsOf(ended(graph), network.classes, options.file?.batch),
    });
    const formed = (graph: Graph): Graph => options.form?.(graph) ?? graph;
    if (fp16) {
      onProgress?.('compare', 0, 1);
      const { graph, ...halving } = await convertToHalf(reference, fp16, preprocessing, producer, run);
      return { ...proved, ...written(formed(graph)), fp16: halving };
    }
    if (stored) {
      onProgress?.('compare', 0, 1);
      const graph = formed(quantizedBy(network, preprocessing));
      const judgement = await judgeStored(reference, graph, stored, preprocessing, producer, run);
      return { ...proved, ...written(graph), stored: { judgement } };
    }
    if (!int8) return { ...proved, ...written(formed(float)) };
    const source = { trained, folded, reference, preprocessing: inside, parameters, observed, corrections };
    const { graph, plain, ...quantized } = await convertToInt8(source, int8, options, run);
    const { quantizeAware } = quantized;
    const described = quantizeAware ? { ...metadata, quantizeAware } : metadata;
    const whole = { ...quantized, ...(plain ? { plain: write(plain, described) } : {}) };
    return { ...proved, metadata: described, ...written(graph, described), int8: whole };
  } finally {
    await reference.close();
  }
}

/** What a graph takes and gives, as its file says it. */
function portsOf({ inputs, outputs }: Graph, classes: number, batch?: number): Ports {
  const [{ name, dtype, dims } = { name: '', dtype: 'float32' as const, dims: [] }] = inputs;
  const count = batch ?? dims[0] ?? 'N';
  return {
    input: { name, dtype, dims: [count, ...dims.slice(1)] },
    scores: { name: outputs[0] ?? '', dtype: 'float32', dims: [count, classes] },
  };
}

function normsOf(graph: Graph): number {
  return graph.nodes.filter((node) => node.op.kind === 'BatchNormalization').length;
}

function describeModel(network: Network, options: ConvertOptions): ModelMetadata {
  const { labels, labelIds, source, licence, int8, fp16, stored, preprocessing, producer } = options;
  const { classes } = network;
  if (labels.length !== classes) {
    throw new ResedgeError(
      'input',
      `expected ${classes} labels, one for each class of ${source.file}, received ${labels.length}`,
    );
  }
  return {
    labels,
    ...(labelIds ? { labelIds } : {}),
    preprocessing,
    output: network.output,
    arch: network.name,
    precision: int8 || stored ? 'int8' : fp16 ? 'fp16' : 'fp32',
    scheme: int8?.recipe.scheme.name ?? (stored ? STORED_SCHEME : null),
    source: { ...source, format: network.format },
    tool: `${producer.name} ${producer.version}`,
    ...(licence === undefined ? {} : { licence }),
  };
}
