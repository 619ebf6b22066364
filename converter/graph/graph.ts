import type { DataOf, DType } from '../../src/tensor/dtype.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { Op } from './op.ts';

/** A string dimension is symbolic, such as `N`. */
export type Dim = number | string;

export type Fact = { readonly dtype: DType; readonly dims: readonly Dim[] };

/**
 * A tensor known at conversion time. `read` may compute the data anew at each call, so that a large model never stands in
 * memory twice; hold on to the result for as long as it is used, and never write to it.
 */
export type Constant<T extends DType = DType> = {
  readonly [K in T]: { readonly dtype: K; readonly dims: readonly number[]; readonly read: () => DataOf[K] };
}[T];

/** Defines its outputs; a value is known by its name and defined once. */
export type Node<O extends Op = Op> = {
  readonly name: string;
  readonly op: O;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
};

export type GraphInput = Fact & { readonly name: string };

/** A graph in static single assignment form; nodes stand in an order in which they can run. */
export type Graph = {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Constant>;
};

export function constant<T extends Tensor>(tensor: T): Constant<T['dtype']> {
  const { dtype, dims, data } = tensor;
  return { dtype, dims, read: () => data } as Constant<T['dtype']>;
}
