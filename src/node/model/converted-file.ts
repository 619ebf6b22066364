import type { Conversion, Stage } from '../../../converter/convert.ts';
import type { Network } from '../../../converter/network.ts';
import type { Recipe } from '../../../converter/quantize/recipe.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';

/** What a conversion of a file is told. */
export type ConvertFileOptions = {
  readonly weights: string;
  readonly output: string;
  readonly arch: string;
  /** What the user states; the rest follows from the architecture. */
  readonly preprocessing: Partial<Preprocessing>;
  /** A file of labels, or the labels. */
  readonly labels?: string | readonly string[];
  readonly licence?: string;
  readonly int8?: {
    readonly recipe: Recipe;
    /** A folder of pictures, a calibration table, or `none`. */
    readonly calibrate: string;
    readonly samples: number;
    readonly seed: number;
    /** Where to write the calibration table. */
    readonly saveTable?: string;
    /** Below either of these on pictures that it was not calibrated on, the model is refused. */
    readonly floor: { readonly sqnrDb: number; readonly agreement: number };
    /** Where to write an HTML page about what was done; also when the model is refused. */
    readonly report?: string;
  };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

/** What came of it. */
export type ConvertedFile = {
  readonly network: Network;
  readonly conversion: Conversion;
  readonly bytes: number;
  readonly sourceBytes: number;
  readonly warnings: readonly string[];
  /** Calibration pictures chosen; 0 where there was a table or nothing to calibrate. */
  readonly pictures: number;
  /** Those of them that could not be read, named. */
  readonly skipped: readonly string[];
  readonly ms: number;
};
