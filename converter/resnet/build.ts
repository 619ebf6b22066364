import { elementCount } from '../../src/tensor/tensor.ts';
import type { Constant, Graph, Node } from '../graph/graph.ts';
import type { Op } from '../graph/op.ts';
import type { StoredTensor } from '../weights/types.ts';
import { addBlur } from './antialias.ts';
import type { Architecture } from './architecture.ts';
import { addGate } from './gate.ts';
import { type ConvLayer, layersOf } from './layers.ts';

/** Averages over 2 x 2; `ceil`: at an odd border over what is there, else that is left out. */
function halve(ceil: boolean): Op {
  return {
    kind: 'AveragePool',
    ...{ kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], countPadding: false, ceil },
  };
}

/** torch.nn.BatchNorm2d's default, which state dicts do not carry. */
const EPSILON = 1e-5;

/**
 * The network as trained: float32 input `input` [N, 3, size, size], batch norms as nodes of their own, logits [N, classes].
 * Nodes are named for their tensors (`layer1.0.conv1`); a node's output bears its name.
 */
export function buildGraph(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
  inputSize: number,
): Graph {
  const nodes: Node[] = [];
  const constants = new Map<string, Constant>();
  const weight = (name: string): string => {
    const stored = tensors.get(name);
    // A convolution along channels is stored without the second axis of its kernel.
    const dims = stored?.dims.length === 3 ? [...stored.dims, 1] : stored?.dims;
    if (stored && dims) constants.set(name, { dtype: 'float32', dims, read: stored.read });
    return name;
  };
  const add = (name: string, op: Op, inputs: readonly string[]): string => {
    nodes.push({ name, op, inputs, outputs: [name] });
    return name;
  };
  const relu = (name: string, input: string): string => add(name, { kind: 'Relu' }, [input]);
  const convolve = (layer: ConvLayer, input: string): string => {
    const { kernel: k, stride: s, groups: group } = layer;
    const p = (k - 1) / 2;
    const op: Op = { kind: 'Conv', kernel: [k, k], strides: [s, s], pads: [p, p, p, p], group };
    const output = add(layer.conv, op, [input, weight(`${layer.conv}.weight`)]);
    const parameters = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => weight(`${layer.norm}.${part}`));
    return add(layer.norm, { kind: 'BatchNormalization', epsilon: EPSILON }, [output, ...parameters]);
  };

  const constant = (name: string, value: Constant): string => {
    constants.set(name, value);
    return name;
  };
  const { antialias } = architecture;
  const filter = (name: string, channels: number, input: string): string =>
    antialias === 'blur' ? addBlur(name, channels, input, add, constant) : add(name, halve(false), [input]);
  const pool = (input: string, channels: number): string => {
    if (antialias === 'average') return add('maxpool', halve(false), [input]);
    const stride = antialias === undefined ? 2 : 1;
    const op: Op = { kind: 'MaxPool', kernel: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] };
    const pooled = add('maxpool', op, [input]);
    return antialias === undefined ? pooled : filter('maxpool.filter', channels, pooled);
  };

  const { stem, blocks } = layersOf(architecture);
  let value = 'input';
  stem.forEach((layer, index) => {
    value = relu(index === stem.length - 1 ? 'relu' : `relu.${index}`, convolve(layer, value));
  });
  if (architecture.stem.kind !== 'cifar') value = pool(value, architecture.stem.width);
  for (const { name, main, filterAfter, gate, shortcut } of blocks) {
    const entry = value;
    main.forEach((layer, index) => {
      value = convolve(layer, value);
      if (index < main.length - 1) value = relu(`${name}.relu${index + 1}`, value);
      if (index === filterAfter) value = filter(`${name}.filter`, layer.out, value);
    });
    if (gate) value = addGate(gate, value, add, weight);
    let side = entry;
    if (shortcut.kind === 'projection') {
      side = convolve(shortcut.layer, shortcut.pool ? add(`${name}.downsample.pool`, halve(true), [entry]) : entry);
    }
    if (shortcut.kind === 'pad') {
      constants.set(`${name}.shortcut.weight`, identityKernel(shortcut.in, shortcut.out));
      const op: Op = { kind: 'Conv', kernel: [1, 1], strides: shortcut.strides, pads: [0, 0, 0, 0], group: 1 };
      side = add(`${name}.shortcut`, op, [entry, `${name}.shortcut.weight`]);
    }
    value = relu(`${name}.relu`, add(`${name}.add`, { kind: 'Add' }, [value, side]));
  }
  value = add('avgpool', { kind: 'GlobalAveragePool' }, [value]);
  value = add('flatten', { kind: 'Flatten', axis: 1 }, [value]);
  const { name: head } = architecture.head;
  const logits = add(head, { kind: 'Gemm', transB: true }, [value, weight(`${head}.weight`), weight(`${head}.bias`)]);
  return {
    name: architecture.name,
    inputs: [{ name: 'input', dtype: 'float32', dims: ['N', 3, inputSize, inputSize] }],
    outputs: [logits],
    nodes,
    constants,
  };
}

/**
 * The parameter-free shortcut as a 1 x 1 kernel [out, in, 1, 1]: channel i goes to i + (out - in) / 2, the others are zero.
 * As a convolution it stays in INT8 and is exact there, unlike a slice and a pad.
 */
function identityKernel(channels: number, out: number): Constant<'float32'> {
  const dims = [out, channels, 1, 1];
  const data = new Float32Array(elementCount(dims));
  const before = Math.floor((out - channels) / 2);
  for (let i = 0; i < channels; i++) data[(i + before) * channels + i] = 1;
  return { dtype: 'float32', dims, read: () => data };
}
