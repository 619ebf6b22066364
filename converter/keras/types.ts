import type { Constant, Fact } from '../graph/graph.ts';
import type { Op } from '../graph/op.ts';
import type { Json } from '../json.ts';

/** What an HDF5 file holds of a network: text on its groups and float arrays, both by path without a leading slash. */
export type Hdf5 = {
  /** By the group's path, then by the attribute's name; a lone text is a list of one. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly arrays: ReadonlyMap<string, Constant<'float32'>>;
};

/** A result of a layer: the layer's name, which of its calls, which of that call's results. */
export type Reference = readonly [layer: string, call: number, output: number];

export type Layer = {
  /** Keras's class. */
  readonly kind: string;
  readonly name: string;
  /** What a `.weights.h5` calls it: unique in its model. */
  readonly key: string;
  readonly config: Json;
  /** What it reads, one entry a call. */
  readonly calls: readonly (readonly Reference[])[];
  /** Set for a model inside a model. */
  readonly model?: Model;
};

/** A Functional or Sequential model, either way as layers that name what they read. */
export type Model = {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
};

/** A layer's arrays in the order in which Keras made them; undefined: the file knows no such layer. */
export type WeightSource = (
  path: readonly Layer[],
) => readonly (readonly [path: string, array: Constant<'float32'>])[] | undefined;

/** An image is [N, C, H, W] here, whatever the model's own layout. */
export type Value = { readonly name: string; readonly fact: Fact };

/** One call of a layer that is being read. */
export type Call = {
  readonly kind: string;
  readonly inputs: readonly Value[];
  /** The only input. */
  readonly input: () => Value;
  /** The only input, which has to be an image; its sizes. */
  readonly image: () => { readonly value: Value; readonly dims: readonly [number, number, number] };
  /** False for a model whose images are [N, C, H, W] in Keras as well. */
  readonly channelsLast: boolean;
  /** Keras's major version. */
  readonly version: number;
  readonly flag: (name: string, otherwise: boolean) => boolean;
  /** Undefined where it is null or not there. */
  readonly number: (name: string) => number | undefined;
  readonly pair: (name: string, otherwise: readonly [number, number]) => readonly [number, number];
  readonly text: (name: string, otherwise: string) => string;
  readonly raw: (name: string) => unknown;
  /** The layer's arrays; throws `input` where there are not as many, or of other shapes. */
  readonly weights: (wanted: readonly Wanted[]) => readonly Constant<'float32'>[];
  /** Adds a node. */
  readonly emit: (op: Op, inputs: readonly (Value | Constant<'float32'>)[]) => Value;
  /** Throws `unsupported` naming the layer. */
  readonly refuse: (expected: string) => never;
};

/** `spare`: may be missing, and nothing is read from it. */
export type Wanted = { readonly name: string; readonly dims: readonly number[]; readonly spare?: true };

export type LayerReader = (call: Call) => Value;
