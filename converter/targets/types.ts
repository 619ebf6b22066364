import type { ModelMetadata } from '../../src/onnx/metadata.ts';
import type { DType } from '../../src/tensor/dtype.ts';

/** A graph's input or output in the file. */
export type Port = { readonly name: string; readonly dtype: DType; readonly dims: readonly (number | string)[] };

/** What goes into a model's file and comes out of it. */
export type Ports = { readonly input: Port; readonly scores: Port };

/** What a target's texts are made from. */
export type TargetFacts = Ports & {
  /** The file or folder as the user named it. */
  readonly output: string;
  readonly metadata: ModelMetadata;
  /** Calibration pictures that lie beside the model; 0 where its tool gets none. */
  readonly pictures: number;
};

/** A text file in a target's folder. */
export type TextFile = { readonly path: string; readonly text: string };

export type TargetUsage = {
  /** What to run next, one command a line. */
  readonly commands: readonly string[];
  /** The model's place inside the folder; the others stand beside it. Absent where a target is one file. */
  readonly model?: string;
  readonly files: readonly TextFile[];
};
