import type { Op } from '../graph/op.ts';
import type { Gate } from './layers.ts';

/** Adds a node and returns the name of its output; see build.ts. */
export type Add = (name: string, op: Op, inputs: readonly string[]) => string;

/** Multiplies `value` [N, C, H, W] by a factor for each channel that its own means decide; returns the product's name. */
export function addGate(gate: Gate, value: string, add: Add, weight: (name: string) => string): string {
  const { name } = gate;
  const mean = add(`${name}.mean`, { kind: 'GlobalAveragePool' }, [value]);
  const pointwise = (layer: string, input: string): string =>
    add(`${name}.${layer}`, convolution([1, 1], [0, 0, 0, 0]), [
      input,
      weight(`${name}.${layer}.weight`),
      weight(`${name}.${layer}.bias`),
    ]);
  const factor = (input: string): string =>
    add(`${name}.mul`, { kind: 'Mul' }, [value, add(`${name}.gate`, { kind: 'Sigmoid' }, [input])]);
  if (gate.kind === 'squeeze-excite') {
    const squeezed = add(`${name}.act`, { kind: 'Relu' }, [pointwise('fc1', mean)]);
    return factor(pointwise('fc2', squeezed));
  }
  // Channels lie along an axis of a picture, so that neighbours are convolved.
  const row = add(`${name}.row`, { kind: 'Reshape', shape: [0, 1, -1, 1] }, [mean]);
  const reach = (gate.kernel - 1) / 2;
  const mixed = add(`${name}.conv`, convolution([gate.kernel, 1], [reach, 0, reach, 0]), [
    row,
    weight(`${name}.conv.weight`),
  ]);
  return factor(add(`${name}.column`, { kind: 'Reshape', shape: [0, -1, 1, 1] }, [mixed]));
}

function convolution(kernel: readonly [number, number], pads: readonly [number, number, number, number]): Op {
  return { kind: 'Conv', kernel, strides: [1, 1], pads, group: 1 };
}
