import type { Attribute, NamedTensor, OnnxNode } from '../../src/onnx/schema.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { integers } from '../graph/ops/types.ts';

export type Attributes = Readonly<Record<string, Attribute>>;

/** Operators that are ONNX Runtime's own. */
export const MICROSOFT = 'com.microsoft';

/** Collects the nodes and constants of a model that is being written. */
export type Emitter = {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly NamedTensor[];
  /** A node with one new output; returns the output's name. */
  readonly add: (op: string, inputs: readonly string[], attributes?: Attributes, domain?: string) => string;
  /** A node whose outputs have their names already. */
  readonly place: (node: OnnxNode) => void;
  /** Initializers that have their names already. */
  readonly keep: (tensors: readonly NamedTensor[]) => void;
  /** A new initializer. */
  readonly constant: (tensor: Tensor) => string;
  readonly int64: (values: readonly number[]) => string;
  readonly scalar: (value: number) => string;
  /** New names start with this from now on. */
  readonly within: (scope: string) => void;
};

/** An emitter that takes none of the names in use. */
export function createEmitter(taken: ReadonlySet<string>): Emitter {
  const nodes: OnnxNode[] = [];
  const initializers: NamedTensor[] = [];
  const known = new Map<string, string>();
  const used = new Set(taken);
  let scope = '';
  const fresh = (what: string): string => {
    const stem = scope === '' ? what : `${scope}/${what}`;
    let name = stem;
    for (let n = 2; used.has(name); n++) name = `${stem}.${n}`;
    used.add(name);
    return name;
  };
  const constant = (tensor: Tensor): string => {
    const name = fresh('constant');
    initializers.push({ ...tensor, name });
    return name;
  };
  /** Small constants are shared. */
  const shared = (key: string, tensor: () => Tensor): string => {
    const name = known.get(key) ?? constant(tensor());
    known.set(key, name);
    return name;
  };
  return {
    nodes,
    initializers,
    add: (op, inputs, attributes = {}, domain = '') => {
      const name = fresh(op);
      nodes.push({ name, op, domain, inputs, outputs: [name], attributes: new Map(Object.entries(attributes)) });
      return name;
    },
    place: (node) => {
      nodes.push(node);
    },
    keep: (tensors) => {
      initializers.push(...tensors);
    },
    constant,
    int64: (values) => shared(`[${values}]`, () => integers(values)),
    scalar: (value) => shared(`${value}`, () => ({ dtype: 'float32', dims: [], data: Float32Array.of(value) })),
    within: (name) => {
      scope = name;
    },
  };
}
