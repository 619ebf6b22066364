import type { ModelMetadata } from '../../src/onnx/metadata.ts';
import type { Conversion } from '../conversion.ts';
import type { PictureJudgement } from '../judge.ts';
import type { Scheme } from '../quantize/scheme.ts';

/** Milliseconds of one inference of one picture. */
export type Times = { readonly p50: number; readonly p90: number };

export type ReportPicture = PictureJudgement & {
  /** The picture's file, for people. */
  readonly name: string;
  readonly side: number;
  /** A `data:` URI. */
  readonly source: string;
};

/** What a page about one INT8 conversion is made from. */
export type ReportData = {
  readonly metadata: ModelMetadata;
  /** The network in one line. */
  readonly network: string;
  readonly parameters: number;
  readonly foldedLayers: number;
  readonly maxAbsError: number;
  readonly int8: NonNullable<Conversion['int8']>;
  readonly scheme: Scheme;
  /** What the file was made for, in words. */
  readonly target?: string;
  /** Least fidelity that was asked for; absent where any would do. */
  readonly floor?: { readonly sqnrDb: number; readonly agreement: number };
  /** Where the ranges come from, in words. */
  readonly calibration: string;
  /** Sizes of the files: weights as given, the FP32 model where it was written, the INT8 model. */
  readonly bytes: { readonly weights: number; readonly float?: number; readonly int8: number };
  readonly latency?: { readonly where: string; readonly float: Times; readonly int8: Times };
  /** The folder of pictures that were judged on, where they are not calibration's. */
  readonly validation?: string;
  /** What is kept in higher precision costs, measured. */
  readonly price?: {
    readonly where: string;
    readonly plain: { readonly bytes: number; readonly ms: Times };
    readonly mixed: { readonly bytes: number; readonly ms: Times };
  };
  readonly pictures: readonly ReportPicture[];
  readonly warnings: readonly string[];
  /** What the conversion took. */
  readonly ms: number;
};
