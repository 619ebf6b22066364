import { readdirSync, readFileSync } from 'node:fs';
import type { Attribute, Model, NamedTensor } from '../../../src/onnx/schema.ts';

const GOLDEN = new URL('../../golden/onnx/', import.meta.url);

export const GOOD = ['raw', 'attributes', 'typed'] as const;

export function golden(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, GOLDEN)));
}

export function goldenJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(path, GOLDEN), 'utf8')) as Record<string, unknown>;
}

export function allGolden(): readonly Uint8Array[] {
  return ['good', 'refused'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, GOLDEN)).map((name) => golden(`${folder}/${name}`)),
  );
}

/** A model in the form that describe.py gives. */
export function describeModel(model: Model): unknown {
  const { graph } = model;
  return {
    ...model,
    metadata: Object.fromEntries(model.metadata),
    graph: {
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        attributes: Object.fromEntries([...node.attributes].map(([name, value]) => [name, describeAttribute(value)])),
      })),
      initializers: graph.initializers.map(describeTensor),
    },
  };
}

function describeAttribute(attribute: Attribute): unknown {
  const { kind, value } = attribute;
  if (kind === 'tensor') return { kind, value: describeTensor(value) };
  if (kind === 'float') return { kind, value: describeNumber(value) };
  if (kind === 'floats') return { kind, value: value.map(describeNumber) };
  return attribute;
}

function describeTensor(tensor: NamedTensor): unknown {
  return {
    ...tensor,
    data: Array.from<number | bigint>(tensor.data as ArrayLike<number | bigint>).map(describeNumber),
  };
}

function describeNumber(value: number | bigint): unknown {
  if (typeof value === 'bigint') return String(value);
  return Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
}

/** A model with one Relu and the given parts instead of the usual ones. */
export function tinyModel(
  parts: Partial<Model['graph']> = {},
  metadata: ReadonlyMap<string, string> = new Map(),
): Model {
  return {
    irVersion: 8,
    opsets: [{ domain: '', version: 17 }],
    producerName: 'test',
    producerVersion: '1',
    metadata,
    graph: {
      name: 'g',
      nodes: [{ name: 'relu', op: 'Relu', domain: '', inputs: ['x'], outputs: ['y'], attributes: new Map() }],
      initializers: [],
      inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 3] }],
      outputs: [{ name: 'y', dtype: 'float32', dims: ['N', 3] }],
      values: [],
      ...parts,
    },
  };
}
