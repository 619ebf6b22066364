import type { Constant, Fact } from '../graph/graph.ts';
import type { Op, Pads, Pair } from '../graph/op.ts';
import type { Table } from './flatbuffer.ts';
import type { LiteTensor } from './model.ts';

/** A tensor of the model in the axes that TFLite gives it, [N, H, W, C] for an image. */
export type Value = {
  readonly name: string;
  readonly fact: Fact;
  /** The value that is left once moves of axes behind it are gone. */
  readonly plain: string;
  /** Set from SPACE_TO_BATCH_ND to BATCH_TO_SPACE_ND, which dilate the convolution between them. */
  readonly spread?: { readonly block: Pair; readonly pads: Pads; readonly convolved: boolean };
};

export type Operand = Value | Constant<'float32'>;

/** A layer's weights and bias as the file stores them. */
export type StoredLayer = {
  readonly weight: LiteTensor;
  readonly bias: LiteTensor | undefined;
  /** The weights' integers in the order of the layer's own. */
  readonly arrange: (stored: Constant<'int8'>) => Constant<'int8'>;
};

/** One operator that is being read. */
export type Call = {
  readonly op: string;
  /** Inputs, those left out among them. */
  readonly count: number;
  readonly has: (index: number) => boolean;
  /** An input that depends on the picture. */
  readonly value: (index: number) => Value;
  readonly operand: (index: number) => Operand;
  /** An input known before the model runs, as reals. */
  readonly constant: (index: number, what: string) => Constant<'float32'>;
  /** The same as whole numbers; undefined where it is not known. */
  readonly integers: (index: number) => readonly number[] | undefined;
  readonly tensor: (index: number) => LiteTensor;
  /** The only output. */
  readonly output: LiteTensor;
  /** The operator that alone reads the output, its other inputs as whole numbers. */
  readonly reader: () => { readonly op: string; readonly integers: (index: number) => readonly number[] } | undefined;
  /** Its fields by their numbers; without any where the operator states none. */
  readonly options: Table | undefined;
  /** Adds a node, named for the operator's result and what part of it this is. */
  readonly emit: (op: Op, operands: readonly Operand[], part?: string) => Value;
  /** Notes how a layer that was added is stored. */
  readonly store: (layer: Value, stored: StoredLayer) => void;
  /** Throws `unsupported` naming the operator. */
  readonly refuse: (expected: string) => never;
};

export type OperatorReader = (call: Call) => Value;
