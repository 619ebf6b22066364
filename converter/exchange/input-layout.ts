import { ResedgeError } from '../../src/errors.ts';
import type { Model, ValueInfo } from '../../src/onnx/schema.ts';
import type { Dim, Graph, Node } from '../graph/graph.ts';
import { behindInput } from '../graph/patch.ts';
import { BATCH, onlyInput } from './decode-graph.ts';

/** How a model wants its pictures. */
export type InputLayout = {
  readonly layout: 'nchw' | 'nhwc';
  /** Side of the square; undefined where the model takes any. */
  readonly size: number | undefined;
  /** `bytes`: pixels as they are; what normalisation there is, the model does. */
  readonly values: 'floats' | 'bytes';
};

/** Throws `unsupported` for an input that is no batch of square pictures with three channels. */
export function inputLayout(model: Model): InputLayout {
  const input = onlyInput(model);
  const { dtype, dims, name } = input;
  const refuse = (): never => {
    throw new ResedgeError(
      'unsupported',
      `expected pictures as input, float or uint8, [N, 3, size, size] or [N, size, size, 3], received ${dtype}[${dims.map((dim) => dim || '?').join(', ')}] as ${name}`,
    );
  };
  if (dims.length !== 4 || (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'uint8')) return refuse();
  const layout = dims[1] === 3 ? 'nchw' : dims[3] === 3 ? 'nhwc' : guessLayout(model, input);
  const channels = dims[layout === 'nchw' ? 1 : 3];
  const sides = layout === 'nchw' ? dims.slice(2) : dims.slice(1, 3);
  if (typeof channels === 'number' && channels !== 3) refuse();
  const [height, width] = sides.map((side) => (typeof side === 'number' && side > 0 ? side : undefined));
  if (height !== undefined && width !== undefined && height !== width) refuse();
  return { layout, size: height ?? width, values: dtype === 'uint8' ? 'bytes' : 'floats' };
}

/** Where the file does not say it, a network that starts by moving its channels has them last. */
function guessLayout({ graph }: Model, input: ValueInfo): 'nchw' | 'nhwc' {
  const first = graph.nodes.find(({ inputs }) => inputs.includes(input.name));
  const perm = first?.attributes.get('perm');
  return first?.op === 'Transpose' && perm?.kind === 'ints' && perm.value.join() === '0,3,1,2' ? 'nhwc' : 'nchw';
}

/** The input's shape for pictures of a size. */
export function pictureDims(layout: InputLayout['layout'], size: number): readonly Dim[] {
  return layout === 'nchw' ? [BATCH, 3, size, size] : [BATCH, size, size, 3];
}

/** A graph of either layout with the input [N, 3, H, W]. */
export function channelsFirst(graph: Graph, layout: InputLayout['layout']): Graph {
  const [input] = graph.inputs;
  if (layout === 'nchw' || input === undefined) return graph;
  const [n = BATCH, h = 0, w = 0, c = 3] = input.dims;
  const name = 'input.nhwc';
  const transpose: Node = {
    name,
    op: { kind: 'Transpose', perm: [0, 2, 3, 1] },
    inputs: [input.name],
    outputs: [name],
  };
  return behindInput(graph, input, transpose, [n, c, h, w]);
}
