import type { Architecture, Attention, Shortcut } from '../../../converter/resnet/architecture.ts';
import { expectedShapes } from '../../../converter/resnet/check.ts';
import { elementCount } from '../../../src/tensor/tensor.ts';
import { uniform } from './random.ts';

export type NamedTensors = Map<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** A network to be: every part of an architecture that a test may want to choose. */
export type Wanted = {
  readonly block?: Architecture['block'];
  readonly depths: readonly number[];
  readonly stem?: Architecture['stem'];
  /** Channels inside the first stage's blocks; doubles from stage to stage. */
  readonly inner?: number;
  /** Channels at the end of a block for each inside. */
  readonly expansion?: number;
  readonly groups?: number;
  readonly shortcut?: Shortcut;
  readonly attention?: Attention;
  readonly head?: 'fc' | 'linear';
  readonly classes?: number;
};

export function architecture(wanted: Wanted): Architecture {
  const { block = 'basic', depths, inner = 8, groups = 1, head = 'fc', classes = 10 } = wanted;
  const { stem = { kind: 'cifar', width: inner }, expansion = block === 'basic' ? 1 : 4 } = wanted;
  const stages = depths.map((blocks, i) => ({ blocks, inner: inner * 2 ** i, out: inner * expansion * 2 ** i }));
  const { shortcut = { kind: 'projection', name: 'downsample' } } = wanted;
  const features = stages.at(-1)?.out ?? 0;
  const { attention } = wanted;
  return {
    ...{ name: 'seeded', block, stem, stages, groups, shortcut, head: { name: head, features, classes } },
    ...(attention ? { attention } : {}),
  };
}

/** Weights of an architecture from a seed, scaled as a trained network's so that activations stay of order one. */
export function seededTensors(of: Architecture, seed: number): NamedTensors {
  const random = uniform(seed);
  const between = (low: number, high: number) => (): number => low + (high - low) * random();
  const tensors: NamedTensors = new Map();
  for (const [name, dims] of expectedShapes(of)) {
    const fanIn = dims.slice(1).reduce((product, dim) => product * dim, 1);
    const reach = Math.sqrt(6 / fanIn);
    const draw = name.endsWith('.running_var')
      ? between(0.5, 1.5)
      : name.endsWith('.running_mean') || name.endsWith('.bias')
        ? between(-0.3, 0.3)
        : dims.length === 1
          ? between(0.3, 0.9)
          : between(-reach, reach);
    tensors.set(name, { dims, data: Float32Array.from({ length: elementCount(dims) }, draw) });
  }
  return tensors;
}

/** A safetensors file of float32 tensors. */
export function safetensorsOf(tensors: NamedTensors): Uint8Array {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, { dims, data }] of tensors) {
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(head.length));
  const parts = [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return new Uint8Array(Buffer.concat([size, head, ...parts]));
}

/** A weights file of a seeded network; `edit` may change its tensors first. */
export function seededFile(wanted: Wanted, seed = 1, edit: (tensors: NamedTensors) => void = () => {}): Uint8Array {
  const tensors = seededTensors(architecture(wanted), seed);
  edit(tensors);
  return safetensorsOf(tensors);
}
