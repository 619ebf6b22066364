import type { ModelMetadata } from '../src/onnx/metadata.ts';
import type { QuantizeAware } from '../src/onnx/quantize-aware.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import type { Budget } from './budget/budget.ts';
import type { BudgetOutcome } from './budget/hold.ts';
import type { Calibration } from './calibrate.ts';
import type { HalfOptions, Halving } from './convert-half.ts';
import type { FileForm, Producer } from './exchange/encode-graph.ts';
import type { Verdict } from './judge.ts';
import type { Learn } from './learn-quantized.ts';
import type { LayerFidelity } from './quantize/compare.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import type { Correction, Recipe } from './quantize/recipe.ts';
import type { FloatNode } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import type { Step } from './quantize-graph.ts';
import type { Saturation } from './saturation.ts';
import type { Form } from './targets/form.ts';
import type { Ports } from './targets/types.ts';
import type { WorstPicture } from './worst-pictures.ts';

export type ConvertOptions = {
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  /** WordNet ids beside the labels. */
  readonly labelIds?: readonly string[];
  readonly source: { readonly file: string; readonly sha256: string };
  readonly licence?: string;
  readonly producer: Producer;
  readonly file?: FileForm;
  /** Brings the finished graph into a target's form; an INT8 one is judged in it. */
  readonly form?: Form;
  /** Float16; leave out with `int8`. */
  readonly fp16?: HalfOptions;
  /** As the source itself is quantized; leave out with `int8`. Of pictures to judge on; absent: generated ones. */
  readonly stored?: HalfOptions;
  /** None of these: FP32. */
  readonly int8?: Int8Options;
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

/** INT8: what is wanted of it, and the pictures to find out on. */
export type Int8Options = {
  readonly recipe: Recipe;
  readonly calibration: Calibration;
  /** Pictures to judge on; default: those that calibration holds back. */
  readonly judgedOn?: AsyncIterable<Tensor>;
  /** The class that a judged picture shows, by its place; asked once all have been read. */
  readonly classOf?: (place: number) => number;
  /** Parts are kept in higher precision until this holds; default: none are. */
  readonly budget?: Budget;
  /** Learns the weights and biases of a graph that rounds as the quantized one does; default: they stay as they were trained. */
  readonly learn?: Learn;
  /** True: every correction's gain is measured; default: unless that takes long. */
  readonly stepwise?: boolean;
  /** True: raw pixels are centred and quantized like any value, also where their bytes could be the stored activations. */
  readonly centresPixels?: boolean;
};

/** `read` and `learn`: of pictures that weights learn from. */
export type Stage = 'prove' | 'calibrate' | 'judge' | 'quantize' | 'read' | 'learn' | 'budget' | 'compare';

export type Conversion = {
  /** The ONNX file as consecutive chunks. */
  readonly model: Iterable<Uint8Array>;
  readonly ports: Ports;
  readonly metadata: ModelMetadata;
  /** Batch norms that went into a convolution. */
  readonly foldedLayers: number;
  /** Largest difference of a logit between the folded FP32 graph and the network as trained, on one input. */
  readonly maxAbsError: number;
  readonly fp16?: Halving;
  readonly stored?: { readonly judgement: Verdict };
  readonly int8?: Int8Conversion;
};

/** How a quantization came about, and how faithful it is. */
export type Int8Conversion = {
  readonly plan: QuantizationPlan;
  readonly statistics: Statistics;
  readonly corrections: readonly Correction[];
  /** What every correction gained, in order; empty where that was not measured. */
  readonly steps: readonly Step[];
  /** Where weights and biases learnt once more. */
  readonly quantizeAware?: QuantizeAware;
  /** What came of the budget, where there was one. */
  readonly budget?: BudgetOutcome;
  /** The file without anything kept in higher precision, where something was. */
  readonly plain?: Iterable<Uint8Array>;
  /** On pictures that calibration did not see. */
  readonly judgement: Verdict;
  /** Nodes that stay in float because the quantizer does not know them. */
  readonly floatNodes: readonly FloatNode[];
  /** What the kernels make of it. */
  readonly kernels: Kernels;
  /** Of those pictures the ones that were hit hardest. */
  readonly worst: readonly WorstPicture[];
  /** Every quantized value against the FP32 graph on the same pictures, the logits last. */
  readonly layers: readonly LayerFidelity[];
};

/** On the machine at hand, whatever the file's target. */
export type Kernels = {
  /** What AVX2 without VNNI would get wrong, on a few of the judged pictures. */
  readonly saturation: Saturation;
  /** Nodes that were meant to run in integers and did not, by name; undefined: not known here. */
  readonly unfused: readonly string[] | undefined;
};
