import type { OnnxNode } from '../../src/onnx/schema.ts';
import { dtypeOfCode } from '../../src/onnx/wire.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import type { Dim } from '../graph/graph.ts';
import { product } from '../graph/ops/dims.ts';
import { rawAxes } from '../graph/ops/reshape.ts';
import type { Source } from '../graph/ops/types.ts';
import * as moves from './fold-moves.ts';
import { count, type Kernel, known, numbers, sizes, spread, together } from './fold-moves.ts';
import { floatOr, type List, scalarOf } from './value.ts';

/**
 * Computes a node of which every input is known, item by item: shape arithmetic, and the small constants of a normalisation that is
 * spelled out. Undefined for an op that is not computed here; refuses what depends on the size of the batch in another way than
 * passing it on.
 */
export function foldLists(node: OnnxNode, source: Source, lists: readonly (List | undefined)[]): List | undefined {
  const kernel = KERNELS.get(node.op);
  if (kernel === undefined) return undefined;
  const at = (index: number): List => lists[index] ?? source.refuse(`at least ${index + 1} inputs`);
  const folded = kernel({ node, source, lists, at });
  if (elementCount(folded.dims) !== folded.items.length) source.refuse('constants whose shapes fit');
  return folded;
}

const KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ['Cast', ({ source, at }) => cast(at(0), source)],
  ['Concat', moves.concat],
  ['ConstantOfShape', ({ node, source, at }) => filled(node, at(0), source)],
  ['Expand', ({ source, at }) => moves.expand(at(0), sizes(at(1), source), source)],
  ['Gather', moves.gather],
  ['Range', range],
  [
    'Reshape',
    ({ source, at }) =>
      moves.reshape(at(0), source.opset < 5 ? (source.ints('shape') ?? []) : sizes(at(1), source), source),
  ],
  ['Flatten', ({ source, at }) => moves.flatten(at(0), source)],
  ['Size', ({ at }) => ({ dtype: 'int64', dims: [], items: [at(0).items.length] })],
  ['Slice', moves.slice],
  ['Squeeze', ({ source, at }) => moves.squeeze(at(0), source)],
  ['Unsqueeze', ({ source, at }) => moves.unsqueeze(at(0), source)],
  ['Transpose', ({ source, at }) => moves.transpose(at(0), source)],
  ['ReduceProd', ({ source, at }) => reduce(at(0), source, (items) => known(product(items), source))],
  [
    'ReduceSum',
    ({ source, at }) => reduce(at(0), source, (items) => numbers(items, source).reduce((a, b) => a + b, 0)),
  ],
  ['Where', where],
  [
    'Add',
    binary(
      (a, b) => (b === 0 ? a : a === 0 ? b : undefined),
      (a, b) => a + b,
    ),
  ],
  [
    'Sub',
    binary(
      (a, b) => (b === 0 ? a : undefined),
      (a, b) => a - b,
    ),
  ],
  [
    'Mul',
    binary(
      (a, b) => (b === 1 ? a : a === 1 ? b : undefined),
      (a, b) => a * b,
    ),
  ],
  [
    'Div',
    binary(
      (a, b) => (b === 1 ? a : undefined),
      (a, b, whole) => (whole ? Math.trunc(a / b) : a / b),
    ),
  ],
  [
    'Mod',
    binary(
      () => undefined,
      (a, b) => a - b * Math.floor(a / b),
    ),
  ],
  [
    'Pow',
    binary(
      (a, b) => (b === 1 ? a : undefined),
      (a, b) => a ** b,
    ),
  ],
  [
    'Min',
    binary(
      (a, b) => (a === b ? a : undefined),
      (a, b) => Math.min(a, b),
    ),
  ],
  [
    'Max',
    binary(
      (a, b) => (a === b ? a : b === 1 || b === 0 ? a : a === 1 || a === 0 ? b : undefined),
      (a, b) => Math.max(a, b),
    ),
  ],
  ['Equal', comparison((a, b) => a === b)],
  ['Less', comparison((a, b) => a < b)],
  ['Greater', comparison((a, b) => a > b)],
  ['And', comparison((a, b) => a !== 0 && b !== 0)],
  ['Or', comparison((a, b) => a !== 0 || b !== 0)],
  ['Not', unary((a) => (a === 0 ? 1 : 0))],
  ['Neg', unary((a) => -a)],
  ['Abs', unary(Math.abs)],
  ['Floor', unary(Math.floor)],
  ['Ceil', unary(Math.ceil)],
  ['Sqrt', unary(Math.sqrt)],
  ['Exp', unary(Math.exp)],
  ['Log', unary(Math.log)],
  ['Reciprocal', unary((a) => 1 / a)],
]);

function cast(list: List, source: Source): List {
  const dtype = dtypeOfCode(source.int('to', 0));
  if (dtype === undefined) return source.refuse('a cast to an element type in use here');
  const whole = dtype !== 'float32' && dtype !== 'float16';
  const convert = (item: Dim): Dim =>
    typeof item === 'string' ? item : dtype === 'bool' ? Number(item !== 0) : whole ? Math.trunc(item) : item;
  return { dtype: floatOr(dtype), dims: list.dims, items: list.items.map(convert) };
}

function filled(node: OnnxNode, shape: List, source: Source): List {
  const { dtype, value } = scalarOf(node.attributes.get('value'));
  const dims = sizes(shape, source);
  return { dtype, dims, items: new Array<number>(count(dims, source)).fill(value) };
}

function range({ source, at }: Parameters<Kernel>[0]): List {
  const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((index) => known(at(index).items[0] ?? Number.NaN, source));
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  count([length], source);
  return { dtype: at(0).dtype, dims: [length], items: Array.from({ length }, (_, i) => start + i * delta) };
}

/** Over all elements, as shape arithmetic does. */
function reduce(list: List, source: Source, sum: (items: readonly Dim[]) => number): List {
  const keep = source.int('keepdims', 1) !== 0;
  const axes = source.ints('axes') ?? (source.inputs[1] ? rawAxes(source) : undefined);
  if (axes !== undefined && axes.length !== list.dims.length) source.refuse('a reduction over all axes');
  return { dtype: list.dtype, dims: keep ? list.dims.map(() => 1) : [], items: [sum(list.items)] };
}

function where({ source, at }: Parameters<Kernel>[0]): List {
  const [condition, yes, no] = [at(0), at(1), at(2)];
  const dims = together(together(condition.dims, yes.dims, source), no.dims, source);
  const [chosen, left, right] = [spread(condition, dims), spread(yes, dims), spread(no, dims)];
  return { dtype: yes.dtype, dims, items: chosen.map((item, i) => (item === 0 ? right[i]! : left[i]!)) };
}

/** `symbolic` says what becomes of the batch's size, where that is known. */
function binary(
  symbolic: (a: Dim, b: Dim) => Dim | undefined,
  compute: (a: number, b: number, whole: boolean) => number,
): Kernel {
  return ({ source, at }) => {
    const [a, b] = [at(0), at(1)];
    const dims = together(a.dims, b.dims, source);
    const whole = a.dtype !== 'float32';
    const [left, right] = [spread(a, dims), spread(b, dims)];
    const items = left.map((x, i) => {
      const y = right[i]!;
      if (typeof x === 'number' && typeof y === 'number') return compute(x, y, whole);
      return symbolic(x, y) ?? known(Number.NaN, source);
    });
    return { dtype: a.dtype, dims, items };
  };
}

/** The batch's size equals itself alone. */
function comparison(holds: (a: number, b: number) => boolean): Kernel {
  const computed = binary(
    (a, b) => Number(a === b),
    (a, b) => Number(holds(a, b)),
  );
  return (call) => ({ ...computed(call), dtype: 'bool' });
}

function unary(compute: (a: number) => number): Kernel {
  return ({ source, at }) => ({ ...at(0), items: numbers(at(0).items, source).map(compute) });
}
