import { ResedgeError } from '../src/errors.ts';
import { encodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import type { Budget } from './budget/budget.ts';
import { type BudgetOutcome, holdBudget } from './budget/hold.ts';
import { sampleOf } from './budget/sample.ts';
import { widerLayers } from './budget/wider.ts';
import { type Calibration, generatedPictures, type Observed, observePictures, picturesToJudge } from './calibrate.ts';
import { convertToHalf, type HalfOptions, type Halving, halfCandidates } from './convert-half.ts';
import { encodeGraph, type FileForm, type Producer } from './exchange/encode-graph.ts';
import { endInProbabilities } from './exchange/scores.ts';
import { compareLayers, referenceOn } from './fidelity.ts';
import { type FloatModel, floatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import { type Judgement, judgeOn } from './judge.ts';
import type { Network } from './network.ts';
import { absorbInput } from './passes/absorb-input.ts';
import { applyPasses, FOLD, inputPasses } from './passes/index.ts';
import { brightnessStatistics, pixelStatistics } from './pixel-statistics.ts';
import { largestError, logitsAsTrained } from './prove.ts';
import type { LayerFidelity } from './quantize/compare.ts';
import { dataFreeStatistics } from './quantize/data-free.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { type Correction, correctionsOf, judgesSteps, type Recipe } from './quantize/recipe.ts';
import { storesPixels } from './quantize/scheme.ts';
import { type FloatNode, floatNodes, selectValues } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import { learnableLayers } from './quantize/weighted.ts';
import { quantizeGraph, type Step } from './quantize-graph.ts';
import type { ModelRunner } from './runner.ts';
import { type Saturation, saturationCounter } from './saturation.ts';
import { unfusedNodes } from './unfused.ts';
import { type WorstPicture, worstPictures } from './worst-pictures.ts';

export type ConvertOptions = {
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** WordNet ids beside the labels. */
  readonly labelIds?: readonly string[];
  readonly source: { readonly file: string; readonly sha256: string };
  readonly licence?: string;
  readonly producer: Producer;
  readonly file?: FileForm;
  /** Float16; leave out with `int8`. */
  readonly fp16?: HalfOptions;
  /** Neither: FP32. */
  readonly int8?: {
    readonly recipe: Recipe;
    readonly calibration: Calibration;
    /** Pictures to judge on; default: those that calibration holds back. */
    readonly judgedOn?: AsyncIterable<Tensor>;
    /** The class that a judged picture shows, by its place; asked once all have been read. */
    readonly classOf?: (place: number) => number;
    /** Parts are kept in higher precision until this holds; default: none are. */
    readonly budget?: Budget;
    /** True: every correction's gain is measured; default: unless that takes long. */
    readonly stepwise?: boolean;
  };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

export type Stage = 'prove' | 'calibrate' | 'judge' | 'quantize' | 'budget' | 'compare';

export type Conversion = {
  /** The ONNX file as consecutive chunks. */
  readonly model: Iterable<Uint8Array>;
  readonly metadata: ModelMetadata;
  /** Batch norms that went into a convolution. */
  readonly foldedLayers: number;
  /** Largest difference of a logit between the folded FP32 graph and the network as trained, on one input. */
  readonly maxAbsError: number;
  readonly fp16?: Halving;
  readonly int8?: {
    readonly plan: QuantizationPlan;
    readonly statistics: Statistics;
    readonly corrections: readonly Correction[];
    /** What every correction gained, in order; empty where that was not measured. */
    readonly steps: readonly Step[];
    /** What came of the budget, where there was one. */
    readonly budget?: BudgetOutcome;
    /** The file without anything kept in higher precision, where something was. */
    readonly plain?: Iterable<Uint8Array>;
    /** On pictures that calibration did not see. */
    readonly judgement: Judgement & { readonly pictures: number; readonly generated: boolean };
    /** Nodes that stay in float because the quantizer does not know them. */
    readonly floatNodes: readonly FloatNode[];
    /** What the kernels make of it. */
    readonly kernels: Kernels;
    /** Of those pictures the ones that were hit hardest. */
    readonly worst: readonly WorstPicture[];
    /** Every quantized value against the FP32 graph on the same pictures, the logits last. */
    readonly layers: readonly LayerFidelity[];
  };
};

/** On the machine at hand, whatever the file's target. */
export type Kernels = {
  /** What AVX2 without VNNI would get wrong, on a few of the judged pictures. */
  readonly saturation: Saturation;
  /** Nodes that were meant to run in integers and did not, by name; undefined: not known here. */
  readonly unfused: readonly string[] | undefined;
};

/**
 * From weights to an ONNX file: build, fold, prove, and for INT8 calibrate, plan, apply and compare. `run` executes models
 * along the way. Throws `input` where the weights, labels or calibration cannot be used.
 */
export async function convert(network: Network, options: ConvertOptions, run: ModelRunner): Promise<Conversion> {
  const { preprocessing, producer, int8, fp16, onProgress } = options;
  const metadata = describeModel(network, options);
  const trained = network.build(preprocessing.inputSize);
  // What the network does to its pixels itself joins the normalisation: `inside` is both.
  const { graph: folded, preprocessing: inside } = absorbInput(applyPasses(trained, FOLD), preprocessing);
  const float = applyPasses(folded, inputPasses(inside, false));

  onProgress?.('prove', 0, 1);
  const expected = await logitsAsTrained(trained, preprocessing, producer, run);
  const observed = int8 ? observedValues(float) : fp16 ? halfCandidates(float) : [];
  const [logits = ''] = float.outputs;
  const corrections = int8 ? correctionsOf(int8.recipe, network.parameters) : [];
  const summaries = int8?.calibration.kind === 'pictures' && !corrections.includes('rounding');
  const reference = floatModel(float, observed, preprocessing.inputSize, producer, run);
  try {
    // Proved on the session that calibration will use.
    if (summaries || fp16) await reference.summaries();
    else if (int8 && int8.calibration.kind !== 'pictures') await reference.all();
    const maxAbsError = await largestError(await reference.current(), logits, preprocessing, expected);
    onProgress?.('prove', 1, 1);
    const proved = { metadata, foldedLayers: normsOf(trained) - normsOf(folded), maxAbsError };
    const write = (graph: Graph): Iterable<Uint8Array> =>
      encodeGraph(network.output === 'probabilities' ? endInProbabilities(graph) : graph, {
        producer,
        metadata: encodeMetadata(metadata),
        ...options.file,
      });
    if (fp16) {
      onProgress?.('compare', 0, 1);
      const { graph, ...halving } = await convertToHalf(reference, fp16, preprocessing, producer, run);
      return { ...proved, model: write(graph), fp16: halving };
    }
    if (!int8) return { ...proved, model: write(float) };

    const pixels = applyPasses(folded, inputPasses(inside, storesPixels(int8.recipe.scheme)));
    const { statistics, covariances, ...seen } = await observe(
      reference,
      { trained, pixels, observed, corrections },
      { ...options, preprocessing: inside },
      run,
    );
    const heldBack = int8.judgedOn ? await picturesToJudge(int8.judgedOn, preprocessing.inputSize) : seen.heldBack;
    const known = new Map([...statistics, ...pixelStatistics(inside, statistics)]);
    const exact = await referenceOn(reference, heldBack.batches, (done, total) => onProgress?.('judge', done, total));
    await reference.close();
    const judge = judgeOn(heldBack.batches, exact.logits, producer, run, { explain: true });
    const { pictures, generated } = heldBack;
    const calibrated = { statistics: known, covariances };
    const recipe = { ...int8.recipe, corrections };
    const quantized = await quantizeGraph(
      pixels,
      calibrated,
      recipe,
      judge,
      { pictures, stepwise: int8.stepwise ?? judgesSteps(int8.recipe, network.parameters) },
      (done, total) => onProgress?.('quantize', done, total),
    );
    const { corrections: applied, steps, ...plain } = quantized;
    const held = int8.budget
      ? await holdBudget(int8.budget, {
          graph: pixels,
          plain,
          ...widerLayers(pixels, calibrated, { ...recipe, corrections: applied }, plain.plan.equalized),
          sample: sampleOf(heldBack.batches, exact.logits, int8.classOf),
          inputSize: preprocessing.inputSize,
          producer,
          run,
          onProgress: (done, total) => onProgress?.('budget', done, total),
        })
      : { ...plain, outcome: undefined };
    const { graph, plan, judged, outcome } = held;
    onProgress?.('compare', 0, 1);
    const counter = saturationCounter(pixels, plan);
    const layers = await compareLayers(exact, graph, plan, producer, run, counter);
    const unfused = judged.executed && unfusedNodes(judged.executed, plan);
    return {
      ...proved,
      model: write(graph),
      int8: {
        plan,
        statistics,
        corrections: applied,
        steps,
        ...(outcome ? { budget: outcome } : {}),
        ...(graph === plain.graph ? {} : { plain: write(plain.graph) }),
        judgement: { ...judged.overall, pictures, generated },
        floatNodes: floatNodes(viewOf(folded)),
        kernels: { saturation: counter.result(), unfused },
        worst: worstPictures(heldBack.batches, judged.each),
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
      holdBack: int8?.judgedOn === undefined,
      layers: corrections.includes('rounding') ? learnableLayers(pixels) : [],
      run,
      onProgress: (done, total) => onProgress?.('calibrate', done, total),
    });
  }
  const statistics =
    calibration.kind === 'table'
      ? calibration.statistics
      : new Map([...brightnessStatistics(preprocessing), ...dataFreeStatistics(trained, observed)]);
  if (calibration.kind === 'none') expectTold(observed, statistics);
  return { statistics, covariances: new Map(), heldBack: await generatedPictures(preprocessing) };
}

/** Throws `input` for a value of which no batch norm told the range; that of pixels is known. */
function expectTold(observed: readonly string[], statistics: Statistics): void {
  const untold = observed.find((value) => !value.startsWith('pixels.') && !statistics.get(value)?.count);
  if (untold === undefined) return;
  throw new ResedgeError(
    'input',
    `expected batch norms that tell every range for --calibrate none, found none behind ${untold}: give --calibrate <folder of pictures>`,
  );
}

/** What calibration looks at: every value that will be quantized, a raw input's centred pixels among them. */
function observedValues(float: Graph): readonly string[] {
  return selectValues(viewOf(float)).map(({ value }) => value);
}

function normsOf(graph: Graph): number {
  return graph.nodes.filter((node) => node.op.kind === 'BatchNormalization').length;
}

function describeModel(network: Network, options: ConvertOptions): ModelMetadata {
  const { labels, labelIds, source, licence, int8, fp16, preprocessing, producer } = options;
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
    precision: int8 ? 'int8' : fp16 ? 'fp16' : 'fp32',
    scheme: int8?.recipe.scheme.name ?? null,
    source: { ...source, format: network.format },
    tool: `${producer.name} ${producer.version}`,
    ...(licence === undefined ? {} : { licence }),
  };
}
