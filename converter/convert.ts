import { ResedgeError } from '../src/errors.ts';
import { encodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import { compareLayers } from './fidelity.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import type { Network } from './network.ts';
import { applyPasses, FOLD, inputPasses } from './passes/index.ts';
import { pixelStatistics } from './pixel-statistics.ts';
import { largestError, logitsAsTrained } from './prove.ts';
import { applyPlan } from './quantize/apply.ts';
import type { LayerFidelity } from './quantize/compare.ts';
import { planQuantization, type Recipe } from './quantize/index.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { selectValues } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import { buildGraph } from './resnet/build.ts';
import type { ModelRunner } from './runner.ts';

export type ConvertOptions = {
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** WordNet ids beside the labels. */
  readonly labelIds?: readonly string[];
  readonly source: { readonly file: string; readonly sha256: string };
  readonly licence?: string;
  readonly producer: Producer;
  /** Absent: FP32. */
  readonly int8?: { readonly recipe: Recipe; readonly calibration: Calibration };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

export type Stage = 'prove' | 'calibrate' | 'quantize' | 'compare';

export type Conversion = {
  /** The ONNX file as consecutive chunks. */
  readonly model: Iterable<Uint8Array>;
  readonly metadata: ModelMetadata;
  /** Batch norms that went into a convolution. */
  readonly foldedLayers: number;
  /** Largest difference of a logit between the folded FP32 graph and the network as trained, on one input. */
  readonly maxAbsError: number;
  readonly int8?: {
    readonly plan: QuantizationPlan;
    readonly statistics: Statistics;
    /** Every quantized value against the FP32 graph, the logits last. */
    readonly layers: readonly LayerFidelity[];
  };
};

/**
 * From weights to an ONNX file: build, fold, prove, and for INT8 calibrate, plan, apply and compare. `run` executes models
 * along the way. Throws `input` where the weights, labels or calibration cannot be used.
 */
export async function convert(network: Network, options: ConvertOptions, run: ModelRunner): Promise<Conversion> {
  const { preprocessing, producer, int8, onProgress } = options;
  const metadata = describeModel(network, options);
  const trained = buildGraph(network.architecture, network.weights.tensors, preprocessing.inputSize);
  const folded = applyPasses(trained, FOLD);
  const float = applyPasses(folded, inputPasses(preprocessing, false));

  onProgress?.('prove', 0, 1);
  const expected = await logitsAsTrained(trained, preprocessing, producer, run);
  const observed = int8 ? observedValues(float) : [];
  const reference = await run(encodeGraph(float, { producer, observe: observed }), { optimize: true });
  try {
    const maxAbsError = await largestError(reference, float.outputs[0] ?? '', preprocessing, expected);
    onProgress?.('prove', 1, 1);
    const proved = { metadata, foldedLayers: normsOf(trained) - normsOf(folded), maxAbsError };
    const write = (graph: Graph): Iterable<Uint8Array> =>
      encodeGraph(graph, { producer, metadata: encodeMetadata(metadata) });
    if (!int8) return { ...proved, model: write(float) };

    const { statistics, samples } = await calibrate(
      reference,
      observed,
      int8.calibration,
      preprocessing,
      (done, total) => onProgress?.('calibrate', done, total),
    );
    onProgress?.('quantize', 0, 1);
    const pixels = applyPasses(folded, inputPasses(preprocessing, true));
    const known = new Map([...statistics, ...pixelStatistics(preprocessing, statistics)]);
    const plan = planQuantization(pixels, known, int8.recipe);
    const quantized = applyPlan(pixels, plan);
    onProgress?.('compare', 0, 1);
    const layers = await compareLayers(reference, quantized, plan, samples, producer, run);
    return { ...proved, model: write(quantized), int8: { plan, statistics, layers } };
  } finally {
    await reference.close();
  }
}

/** What calibration looks at: every value that will be quantized, and a raw input's pixels. */
function observedValues(float: Graph): readonly string[] {
  const selected = selectValues(viewOf(float)).map(({ value }) => value);
  return float.nodes.some((node) => node.name === 'pixels.centred') ? ['pixels.centred', ...selected] : selected;
}

function normsOf(graph: Graph): number {
  return graph.nodes.filter((node) => node.op.kind === 'BatchNormalization').length;
}

function describeModel({ architecture, weights }: Network, options: ConvertOptions): ModelMetadata {
  const { labels, labelIds, source, licence, int8, preprocessing, producer } = options;
  const { classes } = architecture.head;
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
    output: 'logits',
    arch: architecture.name,
    precision: int8 ? 'int8' : 'fp32',
    scheme: int8?.recipe.scheme.name ?? null,
    source: { ...source, format: weights.format },
    tool: `${producer.name} ${producer.version}`,
    ...(licence === undefined ? {} : { licence }),
  };
}
