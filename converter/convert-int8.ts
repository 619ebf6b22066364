import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { holdBudget } from './budget/hold.ts';
import { sampleOf } from './budget/sample.ts';
import { widerLayers } from './budget/wider.ts';
import { generatedPictures, type Observed, observePictures, picturesToJudge } from './calibrate.ts';
import type { ConvertOptions, Int8Conversion, Int8Options } from './conversion.ts';
import { compareLayers, referenceOn } from './fidelity.ts';
import type { FloatModel } from './float-model.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import { judgeOn } from './judge.ts';
import { learnQuantized } from './learn-quantized.ts';
import { applyPasses, inputPasses, LAYOUT } from './passes/index.ts';
import { brightnessStatistics, pixelStatistics } from './pixel-statistics.ts';
import { dataFreeStatistics } from './quantize/data-free.ts';
import { type Correction, judgesSteps } from './quantize/recipe.ts';
import { storesPixels } from './quantize/scheme.ts';
import { floatNodes, selectValues } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import { weightedLayers } from './quantize/weighted.ts';
import { quantizeGraph } from './quantize-graph.ts';
import type { ModelRunner } from './runner.ts';
import { saturationCounter } from './saturation.ts';
import { unfusedNodes } from './unfused.ts';
import { worstPictures } from './worst-pictures.ts';

/** A network on its way to INT8. */
export type Int8Source = {
  /** As trained, and with its batch norms folded. */
  readonly trained: Graph;
  readonly folded: Graph;
  /** The folded graph behind a normalised float input, ready to be looked into. */
  readonly reference: FloatModel;
  /** Of pixels to what the folded graph takes. */
  readonly preprocessing: Preprocessing;
  readonly parameters: number;
  /** Values that `reference` hands out. */
  readonly observed: readonly string[];
  readonly corrections: readonly Correction[];
};

/** What calibration looks at: every value that will be quantized, a raw input's centred pixels among them. */
export function observedValues(float: Graph): readonly string[] {
  return selectValues(viewOf(float)).map(({ value }) => value);
}

/** The graph in INT8; `plain` is the one with nothing kept in higher precision, where a budget asked for more. */
export type QuantizedNetwork = Omit<Int8Conversion, 'plain'> & { readonly graph: Graph; readonly plain?: Graph };

/** Calibrates, plans, applies, holds the budget and compares. Throws `input` where the calibration cannot be used. */
export async function convertToInt8(
  source: Int8Source,
  int8: Int8Options,
  { producer, form, onProgress }: Pick<ConvertOptions, 'producer' | 'form' | 'onProgress'>,
  run: ModelRunner,
): Promise<QuantizedNetwork> {
  const { folded, reference, preprocessing, parameters, corrections } = source;
  const { inputSize } = preprocessing;
  const stored = storesPixels(int8.recipe.scheme) && int8.centresPixels !== true;
  const pixels = applyPasses(folded, inputPasses(preprocessing, stored));
  const { statistics, covariances, ...seen } = await observe(source, pixels, int8, onProgress, run);
  const heldBack = int8.judgedOn ? await picturesToJudge(int8.judgedOn, inputSize) : seen.heldBack;
  const known = new Map([...statistics, ...pixelStatistics(preprocessing, statistics)]);
  const exact = await referenceOn(reference, heldBack.batches, (done, total) => onProgress?.('judge', done, total));
  await reference.close();
  const judge = judgeOn(heldBack.batches, exact.logits, producer, run, { explain: true });
  const { pictures, generated } = heldBack;
  const calibrated = { statistics: known, covariances };
  const recipe = { ...int8.recipe, corrections };
  const {
    corrections: applied,
    steps,
    ...planned
  } = await quantizeGraph(
    pixels,
    calibrated,
    recipe,
    judge,
    { pictures, stepwise: int8.stepwise ?? judgesSteps(int8.recipe, parameters) },
    (done, total) => onProgress?.('quantize', done, total),
  );
  const { scheme } = recipe;
  const learnt =
    int8.learn && (await learnQuantized(pixels, planned.plan, { scheme, statistics: known, judge, learn: int8.learn }));
  const plain = learnt ?? planned;
  const { graph, plan, judged, outcome } = int8.budget
    ? await holdBudget(int8.budget, {
        graph: pixels,
        plain,
        wider: () => widerLayers(pixels, calibrated, { ...recipe, corrections: applied }, plain.plan.equalized),
        sample: sampleOf(heldBack.batches, exact.logits, int8.classOf),
        inputSize,
        producer,
        run,
        onProgress: (done, total) => onProgress?.('budget', done, total),
      })
    : { ...plain, outcome: undefined };
  onProgress?.('compare', 0, 1);
  const counter = saturationCounter(pixels, plan);
  const layers = await compareLayers(exact, graph, plan, producer, run, counter);
  const formed = (given: Graph): Graph => form?.(given, exact.logits) ?? given;
  const written = formed(graph);
  const { overall, executed, each } = form ? await judge(written) : judged;
  return {
    graph: written,
    ...(graph === plain.graph ? {} : { plain: formed(plain.graph) }),
    plan,
    statistics,
    corrections: applied,
    steps,
    ...(learnt?.quantizeAware ? { quantizeAware: learnt.quantizeAware } : {}),
    ...(outcome ? { budget: outcome } : {}),
    judgement: { ...overall, pictures, generated },
    floatNodes: floatNodes(viewOf(folded)),
    kernels: { saturation: counter.result(), unfused: executed && unfusedNodes(executed, plan) },
    worst: worstPictures(heldBack.batches, each),
    layers,
  };
}

/** Statistics from pictures, a table or batch norm, as the caller gave them. */
async function observe(
  { reference, trained, preprocessing, observed, corrections }: Int8Source,
  pixels: Graph,
  { calibration, judgedOn }: Int8Options,
  onProgress: ConvertOptions['onProgress'],
  run: ModelRunner,
): Promise<Observed> {
  if (calibration.kind === 'pictures') {
    return await observePictures(reference, calibration, {
      preprocessing,
      holdBack: judgedOn === undefined,
      layers: corrections.includes('rounding') ? weightedLayers(pixels) : [],
      run,
      onProgress: (done, total) => onProgress?.('calibrate', done, total),
    });
  }
  const statistics =
    calibration.kind === 'table'
      ? calibration.statistics
      : new Map([
          ...brightnessStatistics(preprocessing),
          ...dataFreeStatistics(applyPasses(trained, LAYOUT), observed),
        ]);
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
