import type { DType } from '../../src/tensor/dtype.ts';
import type { Node } from '../graph/graph.ts';
import type { OpKind, OpOf } from '../graph/op.ts';
import type { Emitter } from './emitter.ts';

/** A node of the forward graph and where its gradient is written. */
export type Place = {
  readonly node: Node;
  readonly emit: Emitter;
  /** True for an input upstream of which something learns. */
  readonly needs: (index: number) => boolean;
  /** Name of the n-th input; '' where it is left out. */
  readonly input: (index: number) => string;
  readonly dims: (index: number) => readonly number[];
  readonly dtype: (index: number) => DType;
  readonly output: string;
  readonly outputDims: readonly number[];
  /** The constant behind an input, if that does not learn. */
  readonly constant: (index: number) => ArrayLike<number> | undefined;
  /** Throws `unsupported` naming the node. */
  readonly refuse: (expected: string) => never;
};

export type Site<K extends OpKind> = Place & { readonly op: OpOf<K> };

/** Writes the gradient with regard to each input, given the output's; undefined: none, or nobody needs it. */
export type Rule<K extends OpKind> = (site: Site<K>, gradient: string) => readonly (string | undefined)[];
