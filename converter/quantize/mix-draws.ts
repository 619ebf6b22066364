import type { Constant, Graph, Node } from '../graph/graph.ts';
import type { OpOf } from '../graph/op.ts';
import { floatConstant, inputOf } from '../graph/view.ts';
import { type Draw, type Draws, momentsOf } from './draws.ts';

type Moments = { readonly mean: Float64Array; readonly variance: Float64Array };

/**
 * Draws of a Conv over channels, from the moments of the sum that it computes, inputs taken as independent. The neighbours under a
 * kernel may be alike or independent: the variance is the larger one, so that its range is not too small.
 */
export function mixChannels(graph: Graph, node: Node, { group }: OpOf<'Conv'>, input: Draws, draw: Draw): Draws {
  const weight = floatConstant(graph, inputOf(node, 1));
  const [rows = 0, columns = 0, height = 1, width = 1] = weight.dims;
  const { mean, variance } = momentsOfAll(input);
  const data = weight.read();
  const area = height * width;
  return drawRows(graph, node, rows, draw, (row) => {
    const first = Math.floor(row / (rows / group)) * columns;
    const sum = { mean: 0, variance: 0 };
    for (let c = 0; c < columns; c++) {
      const start = (row * columns + c) * area;
      let [total, squares] = [0, 0];
      for (let i = start; i < start + area; i++) {
        total += data[i]!;
        squares += data[i]! ** 2;
      }
      sum.mean += total * mean[first + c]!;
      sum.variance += Math.max(total * total, squares) * variance[first + c]!;
    }
    return sum;
  });
}

/** Draws of a dense layer, whose inputs are taken as independent. */
export function mixFeatures(graph: Graph, node: Node, { transB }: OpOf<'Gemm'>, input: Draws, draw: Draw): Draws {
  const weight = floatConstant(graph, inputOf(node, 1));
  const features = input.length;
  const rows = weight.dims[transB ? 0 : 1] ?? 0;
  const { mean, variance } = momentsOfAll(input);
  const data = weight.read();
  return drawRows(graph, node, rows, draw, (row) => {
    const sum = { mean: 0, variance: 0 };
    for (let f = 0; f < features; f++) {
      const factor = data[transB ? row * features + f : f * rows + row]!;
      sum.mean += factor * mean[f]!;
      sum.variance += factor * factor * variance[f]!;
    }
    return sum;
  });
}

/**
 * Draws of a Conv along a column of which every element has its own, as over channels that lie along an axis: one channel in and out,
 * a kernel [k, 1] at stride 1 that keeps the length.
 */
export function mixColumn(graph: Graph, node: Node, op: OpOf<'Conv'>, input: Draws, draw: Draw): Draws | undefined {
  const weight: Constant<'float32'> = floatConstant(graph, inputOf(node, 1));
  const [top, left, bottom, right] = op.pads;
  const size = op.kernel[0];
  const plain = op.strides.every((stride) => stride === 1) && op.dilations === undefined;
  if (weight.dims.join() !== `1,1,${size},1` || !plain || left + right > 0 || top + bottom !== size - 1)
    return undefined;
  const { mean, variance } = momentsOfAll(input);
  const data = weight.read();
  const [bias = 0] = node.inputs[2] === undefined ? [] : floatConstant(graph, node.inputs[2]).read();
  return input.map((_, at) => {
    let [sum, squares] = [bias, 0];
    for (const [i, factor] of data.entries()) {
      const from = at + i - top;
      sum += factor * (mean[from] ?? 0);
      squares += factor * factor * (variance[from] ?? 0);
    }
    return draw(sum, Math.sqrt(squares));
  });
}

function momentsOfAll(draws: Draws): Moments {
  const each = draws.map(momentsOf);
  return {
    mean: Float64Array.from(each, ({ mean }) => mean),
    variance: Float64Array.from(each, ({ variance }) => variance),
  };
}

/** Draws of every row of a layer's weights, its bias added. */
function drawRows(
  graph: Graph,
  node: Node,
  rows: number,
  draw: Draw,
  sumOf: (row: number) => { readonly mean: number; readonly variance: number },
): Draws {
  const bias = node.inputs[2] === undefined ? undefined : floatConstant(graph, node.inputs[2]).read();
  return Array.from({ length: rows }, (_, row) => {
    const { mean, variance } = sumOf(row);
    return draw(mean + (bias?.[row] ?? 0), Math.sqrt(variance));
  });
}
