import { ResedgeError } from '../../src/errors.ts';
import type { Attribute, OnnxNode } from '../../src/onnx/schema.ts';
import type { Operand, Source } from '../graph/ops/types.ts';
import { nodeTitle } from './order-nodes.ts';
import { factOf, listOf, type Value } from './value.ts';

export type SourceContext = {
  readonly opset: number;
  readonly batch: number | undefined;
  /** What is known of a value by its name in the file; '' for an input left out. */
  readonly lookUp: (name: string) => Value | undefined;
};

type AttributeValue<K extends Attribute['kind']> = Extract<Attribute, { readonly kind: K }>['value'];

/** A node of a file as the decoders of `graph/ops` read it. */
export function sourceOf(node: OnnxNode, { opset, batch, lookUp }: SourceContext): Source {
  const refuse = (expected: string): never => {
    throw new ResedgeError('unsupported', `expected ${expected} in ${nodeTitle(node)}`);
  };
  const values = node.inputs.map(lookUp);
  const inputs = values.map((value) => value && operandOf(value));
  const input = (index: number): Operand => inputs[index] ?? refuse(`at least ${index + 1} inputs`);
  const attribute = <K extends Attribute['kind']>(name: string, kind: K): AttributeValue<K> | undefined => {
    const found = node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) return refuse(`${kind} as attribute ${name}, received ${found.kind}`);
    return found.value as AttributeValue<K> | undefined;
  };
  return {
    op: node.op,
    opset,
    batch,
    inputs,
    input,
    refuse,
    constant: (index, what) => {
      const { constant } = input(index);
      const received = constant ? `${constant.dtype} numbers` : 'one that is computed';
      if (constant?.dtype === 'float32') return constant;
      return refuse(`${what} as floats known before it runs (input ${index}), received ${received}`);
    },
    integers: (index, what) => {
      const value = values[index];
      if (value === undefined) return undefined;
      const list = listOf(value);
      return (
        list?.items ?? refuse(`${what} known before it runs (input ${index}), received one that depends on the picture`)
      );
    },
    int: (name, otherwise) => attribute(name, 'int') ?? otherwise,
    float: (name, otherwise) => attribute(name, 'float') ?? otherwise,
    text: (name, otherwise) => attribute(name, 'string') ?? otherwise,
    ints: (name) => attribute(name, 'ints'),
  };
}

function operandOf(value: Value): Operand {
  const fact = factOf(value);
  switch (value.kind) {
    case 'computed':
      return { name: value.name, fact };
    case 'constant':
      return { name: value.name, fact, constant: value.constant };
    case 'sizes':
      return { name: '', fact };
  }
}
