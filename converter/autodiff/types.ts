import type { Producer } from '../exchange/encode-graph.ts';

/** What is to be learnt of a graph, and how. */
export type TrainingRecipe = {
  /** Pictures that one run takes: every shape of the training graph is known. */
  readonly batch: number;
  /** Names of the graph's float32 constants that learn; the others stay as they are. */
  readonly trainable: ReadonlySet<string>;
  /** `live`: batch norms use the statistics of the batch, as in training from scratch; `frozen`: those that they have learnt. */
  readonly norms: 'live' | 'frozen';
};

/** A constant that learns: fed under its own name with every run, its gradient comes back. */
export type Parameter = { readonly name: string; readonly dims: readonly number[]; readonly gradient: string };

/** The statistics of one live batch norm: outputs [C] of a run, and the constants [C] that follow them. */
export type MovingStatistics = {
  readonly mean: string;
  /** Biased: divided by `count`. */
  readonly variance: string;
  readonly runningMean: string;
  readonly runningVariance: string;
  /** Values that each channel's statistics are taken over. */
  readonly count: number;
};

/**
 * A step of training as one ONNX model. Inputs: the graph's own input, float32 [batch, 3, size, size]; `targets`, float32
 * [batch, classes], each row a distribution times the picture's weight; every parameter under its name. Outputs: `loss`, the sum over
 * rows of -targets . log softmax(logits), a scalar; `logits` [batch, classes]; the gradients; the statistics.
 */
export type TrainingGraph = {
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly MovingStatistics[];
  /** The model's bytes as consecutive chunks. */
  readonly encode: (producer: Producer) => Iterable<Uint8Array>;
};
