import type { Budget } from '../../../converter/budget/budget.ts';
import type { Conversion, Stage } from '../../../converter/conversion.ts';
import type { FileForm } from '../../../converter/exchange/encode-graph.ts';
import type { Network } from '../../../converter/network.ts';
import type { Recipe } from '../../../converter/quantize/recipe.ts';
import type { Times } from '../../../converter/report/data.ts';
import type { Target } from '../../../converter/targets/target.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { WrittenTarget } from '../targets/write-target.ts';
import type { LearningLog, LearnQuantizedOptions } from '../train/learn-quantized.ts';
import type { CalibrationSource } from './calibration.ts';

/** A model below either of these is refused. */
export type Floor = { readonly sqnrDb: number; readonly agreement: number };

/** What a conversion of a file is told. */
export type ConvertFileOptions = {
  readonly weights: string;
  readonly output: string;
  readonly arch: string;
  /** What becomes of the weights before they are converted; default: the network that is in them. */
  readonly network?: Network;
  /** What the user states; the rest follows from the architecture. */
  readonly preprocessing: Partial<Preprocessing>;
  /** A file of labels, or the labels. */
  readonly labels?: string | readonly string[];
  readonly licence?: string;
  readonly file?: FileForm;
  /** What the model is for; its choices are among the other options already. */
  readonly target?: Target;
  /** Pictures that the target's own tool calibrates on. */
  readonly targetPictures?: CalibrationSource;
  /** Float16; leave out with `int8`. */
  readonly fp16?: {
    /** A folder of pictures to judge on; a table, `none` or nothing: generated ones. */
    readonly calibrate?: string;
    readonly samples: number;
    readonly seed: number;
    readonly floor: Floor;
  };
  /** With the integers of a source that is quantized already, judged like float16; leave out with `int8`. */
  readonly stored?: NonNullable<ConvertFileOptions['fp16']>;
  readonly int8?: {
    readonly recipe: Recipe;
    /** A folder of pictures, a calibration table, or `none`. */
    readonly calibrate: string;
    readonly samples: number;
    readonly seed: number;
    /** Where to write the calibration table. */
    readonly saveTable?: string;
    /** Labelled pictures to judge on; default: calibration pictures that were held back. */
    readonly validate?: string;
    /** Layers are kept in higher precision until this holds. */
    readonly budget?: Budget;
    /** Labelled pictures that weights and biases learn from behind the roundings of the quantized network; default: they do not. */
    readonly learn?: LearnQuantizedOptions;
    /** True: a model whose budget is out of reach is written with nothing kept. */
    readonly force?: boolean;
    /** Below either of these on pictures that it was not calibrated on, the model is refused. */
    readonly floor: Floor;
    /** What helps a model that is refused, in words; default: what `convert` has for that. */
    readonly mend?: string;
    /** Where to write an HTML page about what was done; also when the model is refused. */
    readonly report?: string;
  };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

/** What is kept in higher precision costs, measured on this machine. */
export type Price = {
  /** Processor, provider and threads. */
  readonly where: string;
  readonly plain: { readonly bytes: number; readonly ms: Times };
  readonly mixed: { readonly bytes: number; readonly ms: Times };
};

/** What came of it. */
export type ConvertedFile = {
  readonly network: Network;
  readonly conversion: Conversion;
  readonly bytes: number;
  readonly sourceBytes: number;
  /** Where the model was made for a target. */
  readonly target?: WrittenTarget;
  readonly warnings: readonly string[];
  /** Pictures chosen to calibrate on, to judge on and to learn from. */
  readonly pictures: number;
  /** Those of them that could not be read, named. */
  readonly skipped: readonly string[];
  readonly ms: number;
  /** What was judged on, in words, where it is not pictures that calibration held back. */
  readonly judgedOn?: string;
  /** Where weights and biases learnt once more. */
  readonly learnt?: LearningLog;
  /** Where something was kept in higher precision for a budget. */
  readonly price?: Price;
};
