import type { OnnxNode } from '../../src/onnx/schema.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Dim } from '../graph/graph.ts';
import { axisOf, broadcastDims } from '../graph/ops/dims.ts';
import { broadcastStrides, eachOffset, stridesOf } from '../graph/ops/kernels.ts';
import { flattenAxis, permOf, sliceOperands, sliceRange } from '../graph/ops/layout.ts';
import { rawAxes } from '../graph/ops/reshape.ts';
import type { Source } from '../graph/ops/types.ts';
import { type List, MAX_LIST } from './value.ts';

/** Computes a node's output from its inputs, item by item. */
export type Kernel = (call: {
  readonly node: OnnxNode;
  readonly source: Source;
  readonly lists: readonly (List | undefined)[];
  readonly at: (index: number) => List;
}) => List;

export function known(item: Dim, source: Source): number {
  if (typeof item === 'number' && !Number.isNaN(item)) return item;
  return source.refuse(
    'arithmetic that does not depend on the size of the batch: export the model with a fixed batch of 1',
  );
}

/** The numbers of a list; refuses one that depends on the batch. */
export function numbers(items: readonly Dim[], source: Source): readonly number[] {
  return items.map((item) => known(item, source));
}

export function sizes(list: List, source: Source): readonly number[] {
  return numbers(list.items, source);
}

export function count(dims: readonly number[], source: Source): number {
  const total = elementCount(dims);
  if (dims.some((dim) => !Number.isInteger(dim) || dim < 0) || total > MAX_LIST) {
    return source.refuse(`a constant of at most ${MAX_LIST} elements, received [${dims.slice(0, 8)}]`);
  }
  return total;
}

export function spread(list: List, dims: readonly number[]): readonly Dim[] {
  const items: Dim[] = [];
  eachOffset(dims, broadcastStrides(list.dims, dims), (offset) => items.push(list.items[offset]!));
  return items;
}

export function together(a: readonly number[], b: readonly number[], source: Source): readonly number[] {
  const dims = broadcastDims(a, b)?.map(Number) ?? source.refuse(`shapes that broadcast, received [${a}] and [${b}]`);
  count(dims, source);
  return dims;
}

export function expand(list: List, shape: readonly number[], source: Source): List {
  const dims = together(list.dims, shape, source);
  return { dtype: list.dtype, dims, items: spread(list, dims) };
}

export function concat({ source, lists, at }: Parameters<Kernel>[0]): List {
  const first = at(0);
  const axis = axisOf(source.int('axis', 0), first.dims.length, source.refuse);
  const parts = lists.map((_, index) => at(index));
  const dims = first.dims.map((dim, i) =>
    i === axis ? parts.reduce((sum, part) => sum + (part.dims[axis] ?? 0), 0) : dim,
  );
  count(dims, source);
  const outer = elementCount(first.dims.slice(0, axis));
  const items: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const part of parts) {
      const size = part.items.length / outer;
      items.push(...part.items.slice(o * size, (o + 1) * size));
    }
  }
  return { dtype: first.dtype, dims, items };
}

export function gather({ source, at }: Parameters<Kernel>[0]): List {
  const [data, indices] = [at(0), at(1)];
  const axis = axisOf(source.int('axis', 0), data.dims.length, source.refuse);
  const size = data.dims[axis]!;
  const inner = elementCount(data.dims.slice(axis + 1));
  const outer = elementCount(data.dims.slice(0, axis));
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  count(dims, source);
  const chosen = numbers(indices.items, source).map((index) => axisOf(index, size, source.refuse));
  const items: Dim[] = [];
  for (let o = 0; o < outer; o++) {
    for (const index of chosen) {
      const from = (o * size + index) * inner;
      items.push(...data.items.slice(from, from + inner));
    }
  }
  return { dtype: data.dtype, dims, items };
}

export function reshape(list: List, wanted: readonly number[], source: Source): List {
  const kept = wanted.map((size, axis) => (size === 0 ? (list.dims[axis] ?? 0) : size));
  const rest = list.items.length / kept.reduce((all, size) => (size === -1 ? all : all * size), 1);
  const dims = kept.map((size) => (size === -1 ? rest : size));
  if (count(dims, source) !== list.items.length)
    source.refuse(`a shape of ${list.items.length} elements, received [${wanted}]`);
  return { ...list, dims };
}

export function flatten(list: List, source: Source): List {
  const at = flattenAxis(source, list.dims.length);
  return { ...list, dims: [elementCount(list.dims.slice(0, at)), elementCount(list.dims.slice(at))] };
}

export function slice({ source, at }: Parameters<Kernel>[0]): List {
  const list = at(0);
  const { axes, starts, ends, steps } = sliceOperands(source, list.dims.length);
  const strides = [...stridesOf(list.dims)];
  const dims = [...list.dims];
  let base = 0;
  for (const [place, axis] of axes.entries()) {
    const taken = sliceRange(dims[axis]!, starts[place]!, ends[place]!, steps[place]!, source.refuse);
    base += taken.first * strides[axis]!;
    dims[axis] = taken.count;
    strides[axis]! *= steps[place]!;
  }
  const items: Dim[] = [];
  eachOffset(dims, strides, (offset) => items.push(list.items[base + offset]!));
  return { dtype: list.dtype, dims, items };
}

export function squeeze(list: List, source: Source): List {
  const axes = rawAxes(source)?.map((axis) => axisOf(axis, list.dims.length, source.refuse));
  return { ...list, dims: list.dims.filter((dim, axis) => !(axes?.includes(axis) ?? dim === 1)) };
}

export function unsqueeze(list: List, source: Source): List {
  const given = rawAxes(source) ?? source.refuse('axes');
  const rank = list.dims.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank, source.refuse));
  const rest = [...list.dims];
  return { ...list, dims: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))) };
}

export function transpose(list: List, source: Source): List {
  const perm = permOf(source, list.dims.length);
  const strides = stridesOf(list.dims);
  const dims = perm.map((axis) => list.dims[axis]!);
  const items: Dim[] = [];
  eachOffset(
    dims,
    perm.map((axis) => strides[axis]!),
    (offset) => items.push(list.items[offset]!),
  );
  return { dtype: list.dtype, dims, items };
}
