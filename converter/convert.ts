import { ResedgeError } from '../src/errors.ts';
import { encodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { type Calibration, generatedPictures, type Observed, observePictures } from './calibrate.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import { compareLayers } from './fidelity.ts';
import { type FloatModel, floatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import { type Judgement, judgeOn, referenceLogits } from './judge.ts';
import type { Network } from './network.ts';
import { applyPasses, FOLD, inputPasses } from './passes/index.ts';
import { brightnessStatistics, pixelStatistics } from './pixel-statistics.ts';
import { largestError, logitsAsTrained } from './prove.ts';
import type { LayerFidelity } from './quantize/compare.ts';
import { dataFreeStatistics } from './quantize/data-free.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { type Correction, correctionsOf, judgesSteps, type Recipe } from './quantize/recipe.ts';
import { storesPixels } from './quantize/scheme.ts';
import { selectValues } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import { weightedLayers } from './quantize/weighted.ts';
import { quantizeGraph, type Step } from './quantize-graph.ts';
import { buildGraph } from './resnet/build.ts';
import type { ModelRunner } from './runner.ts';
import { type WorstPicture, worstPictures } from './worst-pictures.ts';

export type ConvertOptions = {
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** WordNet ids beside the labels. */
  readonly labelIds?: readonly string[];
  readonly source: { readonly file: string; readonly sha256: string };
  readonly licence?: string;
  readonly producer: Producer;
  /** Absent: FP32. */
  readonly int8?: {
    readonly recipe: Recipe;
    readonly calibration: Calibration;
    /** True: every correction's gain is measured; default: unless that takes long. */
    readonly stepwise?: boolean;
  };
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
    readonly corrections: readonly Correction[];
    /** What every correction gained, in order; empty where that was not measured. */
    readonly steps: readonly Step[];
    /** On pictures that calibration did not see. */
    readonly judgement: Judgement & { readonly pictures: number; readonly generated: boolean };
    /** Of those pictures the ones that were hit hardest. */
    readonly worst: readonly WorstPicture[];
    /** Every quantized value against the FP32 graph on the same pictures, the logits last. */
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
  const [logits = ''] = float.outputs;
  const corrections = int8 ? correctionsOf(int8.recipe, network.parameters) : [];
  const summaries = int8?.calibration.kind === 'pictures' && !corrections.includes('rounding');
  const reference = floatModel(float, observed, preprocessing.inputSize, producer, run);
  try {
    // Proved on the session that calibration will use.
    if (summaries) await reference.summaries();
    const maxAbsError = await largestError(await reference.current(), logits, preprocessing, expected);
    onProgress?.('prove', 1, 1);
    const proved = { metadata, foldedLayers: normsOf(trained) - normsOf(folded), maxAbsError };
    const write = (graph: Graph): Iterable<Uint8Array> =>
      encodeGraph(graph, { producer, metadata: encodeMetadata(metadata) });
    if (!int8) return { ...proved, model: write(float) };

    const pixels = applyPasses(folded, inputPasses(preprocessing, storesPixels(int8.recipe.scheme)));
    const { statistics, covariances, heldBack } = await observe(
      reference,
      { trained, pixels, observed, corrections },
      options,
      run,
    );
    const known = new Map([...statistics, ...pixelStatistics(preprocessing, statistics)]);
    const expectedLogits = await referenceLogits(await reference.current(), logits, heldBack.batches);
    await reference.close();
    const judge = judgeOn(heldBack.batches, expectedLogits, producer, run);
    const { pictures, generated } = heldBack;
    const {
      graph,
      plan,
      corrections: applied,
      steps,
      judgement,
      each,
    } = await quantizeGraph(
      pixels,
      { statistics: known, covariances },
      { ...int8.recipe, corrections },
      judge,
      { pictures, stepwise: int8.stepwise ?? judgesSteps(int8.recipe, network.parameters) },
      (done, total) => onProgress?.('quantize', done, total),
    );
    onProgress?.('compare', 0, 1);
    const layers = await compareLayers(reference, graph, plan, heldBack.batches, producer, run);
    return {
      ...proved,
      model: write(graph),
      int8: {
        plan,
        statistics,
        corrections: applied,
        steps,
        judgement: { ...judgement, pictures, generated },
        worst: worstPictures(heldBack.batches, each),
        layers,
      },
    };
  } finally {
    await reference.close();
  }
}

type Graphs = {
  readonly trained: Graph;
  readonly pixels: Graph;
  readonly observed: readonly string[];
  readonly corrections: readonly Correction[];
};

/** Statistics from pictures, a table or batch norm, as the caller gave them. */
async function observe(
  reference: FloatModel,
  { trained, pixels, observed, corrections }: Graphs,
  { int8, preprocessing, onProgress }: ConvertOptions,
  run: ModelRunner,
): Promise<Observed> {
  const calibration = int8?.calibration ?? { kind: 'none' };
  if (calibration.kind === 'pictures') {
    return await observePictures(reference, calibration, {
      preprocessing,
      layers: corrections.includes('rounding') ? weightedLayers(pixels) : [],
      run,
      onProgress: (done, total) => onProgress?.('calibrate', done, total),
    });
  }
  const statistics =
    calibration.kind === 'table'
      ? calibration.statistics
      : new Map([...brightnessStatistics(preprocessing), ...dataFreeStatistics(trained, observed)]);
  return { statistics, covariances: new Map(), heldBack: await generatedPictures(preprocessing) };
}

/** What calibration looks at: every value that will be quantized, a raw input's centred pixels among them. */
function observedValues(float: Graph): readonly string[] {
  return selectValues(viewOf(float)).map(({ value }) => value);
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
