import { ResedgeError } from '../../src/errors.ts';
import type { Attribute, NamedTensor, OnnxGraph, OnnxNode, ValueInfo } from '../../src/onnx/schema.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import { isJson, type Json } from '../json.ts';
import { quote } from '../weights/bytes.ts';
import { attributeOf } from './attributes.ts';
import type { Arrays } from './weights.ts';

/** Most nodes of a graph. */
const MAX_NODES = 200_000;

/**
 * A GraphDef in JSON as nodes, initializers, inputs and outputs, under TensorFlow's operators and names. `signature` says what goes in
 * and comes out, where the file has one. Throws `input` naming the node at fault.
 */
export function parseGraphDef(topology: Json, signature: Json, arrays: Arrays): OnnxGraph {
  const listed = topology['node'];
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new ResedgeError('input', 'expected a list of nodes in modelTopology, received none');
  }
  if (listed.length > MAX_NODES) {
    throw new ResedgeError('limit', `expected at most ${MAX_NODES} nodes, received ${listed.length}`);
  }
  const all = listed.map(nodeOf);
  const reads = all.flatMap(({ inputs }) => inputs);
  const wanted = tensorsOf(signature['outputs']).map(({ name }) => name);
  const results = secondResults([...reads, ...wanted]);
  const computed = all
    .filter(({ op }) => op !== 'Const' && op !== 'Placeholder' && op !== 'NoOp')
    .map((node) => ({ ...node, outputs: [node.name, ...(results.get(node.name) ?? [])] }));
  return {
    name: 'model',
    nodes: computed,
    initializers: all.filter(({ op }) => op === 'Const').map((node) => constantOf(node, arrays)),
    inputs: inputsOf(all, signature, new Set(reads)),
    outputs: (wanted.length > 0 ? wanted : unread(computed, reads)).map((name) => ({
      name,
      dtype: 'float32',
      dims: [],
    })),
    values: [],
  };
}

function nodeOf(entry: unknown): OnnxNode {
  const given = isJson(entry) ? entry : {};
  const { name, op, input = [], attr = {} } = given as Readonly<Record<'name' | 'op' | 'input' | 'attr', unknown>>;
  if (typeof name !== 'string' || typeof op !== 'string') {
    throw new ResedgeError('input', 'expected a name and an op of every node in modelTopology');
  }
  if (!Array.isArray(input) || !input.every((one) => typeof one === 'string') || !isJson(attr)) {
    throw new ResedgeError('input', `expected names as inputs and an object as attr of node ${quote(name)}`);
  }
  const attributes = new Map<string, Attribute>();
  for (const [key, value] of Object.entries(attr)) {
    const attribute = attributeOf(value);
    if (attribute) attributes.set(key, attribute);
  }
  // An input that starts with ^ is only waited for.
  const inputs = input.filter((one) => !one.startsWith('^')).map(plain);
  return { name, op, domain: '', inputs, outputs: [name], attributes };
}

/** A node's first result goes by the node's name. */
function plain(reference: string): string {
  return reference.replace(/:0$/, '');
}

/** What is read of nodes beside their first result. */
function secondResults(references: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const results = new Map<string, string[]>();
  for (const reference of new Set(references)) {
    const [, node] = /^(.*):\d+$/.exec(reference) ?? [];
    if (node !== undefined) results.set(node, [...(results.get(node) ?? []), reference]);
  }
  return results;
}

function unread(nodes: readonly OnnxNode[], reads: readonly string[]): readonly string[] {
  const read = new Set(reads);
  return nodes.filter(({ outputs }) => !outputs.some((output) => read.has(output))).map(({ name }) => name);
}

function constantOf({ name, attributes }: OnnxNode, arrays: Arrays): NamedTensor {
  const array = arrays.get(name);
  if (array === undefined) {
    throw new ResedgeError(
      'input',
      `expected an array in weightsManifest for the constant ${quote(name)}, received none: topology and weights belong to different models`,
    );
  }
  const shape = attributes.get('value');
  if (shape?.kind === 'ints' && shape.value.join() !== array.dims.join()) {
    throw new ResedgeError(
      'input',
      `expected [${shape.value}] as the constant ${quote(name)}, received [${array.dims}]: topology and weights belong to different models`,
    );
  }
  return { ...array, name };
}

type TensorEntry = { readonly name: string; readonly entry: Json };

/** What a signature lists, in its order. */
function tensorsOf(listed: unknown): readonly TensorEntry[] {
  const entries = isJson(listed) ? Object.values(listed).filter(isJson) : [];
  return entries.flatMap((entry) => {
    const { name } = entry as Readonly<Record<'name', unknown>>;
    return typeof name === 'string' && name !== '' ? [{ name: plain(name), entry }] : [];
  });
}

/** Placeholders that something reads. Pictures of whole numbers are bytes. */
function inputsOf(nodes: readonly OnnxNode[], signature: Json, read: ReadonlySet<string>): readonly ValueInfo[] {
  const stated = new Map(tensorsOf(signature['inputs']).map(({ name, entry }) => [name, entry]));
  return nodes
    .filter(({ op, name }) => op === 'Placeholder' && read.has(name))
    .map(({ name, attributes }) => {
      const own = attributes.get('shape');
      const other = attributeOf({ shape: stated.get(name)?.['tensorShape'] });
      const [shape] = [own, other].filter((one) => one?.kind === 'ints' && one.value.length > 0);
      const dims = shape?.kind === 'ints' ? shape.value.map((size) => (size < 0 ? '' : size)) : [];
      const type = attributes.get('dtype');
      const dtype = type?.kind === 'string' ? DTYPES.get(type.value) : 'float32';
      if (dtype !== undefined) return { name, dtype, dims };
      throw new ResedgeError('unsupported', `expected numbers as input ${quote(name)}, received another type`);
    });
}

const DTYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['DT_FLOAT', 'float32'],
  ['DT_HALF', 'float16'],
  ['DT_INT32', 'uint8'],
  ['DT_UINT8', 'uint8'],
]);
