import { isResedgeError } from '../../src/errors.ts';
import type { Model, OnnxNode, ValueInfo } from '../../src/onnx/schema.ts';
import { dtypeOfCode } from '../../src/onnx/wire.ts';
import type { DType } from '../../src/tensor/dtype.ts';
import { elementCount } from '../../src/tensor/tensor.ts';
import { fold } from '../exchange/fold-node.ts';
import { fedInputs, opsetOf } from '../exchange/model-facts.ts';
import { orderNodes } from '../exchange/order-nodes.ts';
import { sourceOf } from '../exchange/source.ts';
import { constantOf, factOf, type Value } from '../exchange/value.ts';
import type { Constant, Fact } from '../graph/graph.ts';
import { infer } from '../graph/infer.ts';
import { DECODERS } from '../graph/ops/index.ts';
import { isLearnt, onePicture, type Parameter, type Step, type Steps, type Unknown } from './steps.ts';

/** The steps of any ONNX model for one picture; nodes whose output's shape cannot be found are told, the others are listed all the same. */
export function stepsOfModel(model: Model): Steps {
  const { graph } = model;
  const opset = opsetOf(model);
  const stated = new Map([...graph.values, ...graph.outputs].map((info) => [info.name, info]));
  const stored = new Map<string, Parameter>(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const values = new Map<string, Value>();
  for (const tensor of graph.initializers) {
    values.set(tensor.name, { kind: 'constant', name: tensor.name, constant: constantOf(tensor) });
  }
  const types = new Map<string, DType>();
  const computed = (name: string, dtype: DType, dims: Fact['dims']): void => {
    // Shapes do not depend on types: with all of them float32, integers follow the rules of floats.
    values.set(name, { kind: 'computed', name, fact: { dtype: 'float32', dims } });
    types.set(name, dtype);
  };
  const inputs = fedInputs(graph);
  for (const { name, dtype, dims } of inputs) computed(name, dtype, onePicture(dims));

  const steps: Step[] = [];
  const unknown: Unknown[] = [];
  for (const node of orderNodes(graph)) {
    const [output = ''] = node.outputs;
    const title = node.name || output;
    const typed = typeOf(node, types, values);
    try {
      const found = resultOf(node, opset, values);
      if (found.kind === 'computed') computed(output, typed, found.fact.dims);
      else values.set(output, found);
    } catch (error) {
      if (!isResedgeError(error)) throw error;
      const info = stated.get(output);
      const lost = node.inputs.some((name) => name !== '' && !values.has(name));
      if (info) computed(output, info.dtype, onePicture(info.dims));
      else if (!lost) unknown.push({ name: title, op: node.op, reason: error.message });
    }
    const held = node.inputs.map((name) => stored.get(name));
    // A constant that is dequantized or cast is the parameter of whoever reads it.
    if (values.get(output)?.kind === 'constant') {
      if (held[0]) stored.set(output, held[0]);
      continue;
    }
    if (values.get(output)?.kind === 'sizes') continue;
    steps.push({
      name: title,
      op: node.op,
      inputs: node.inputs.filter((name) => name !== '' && !isConstant(values.get(name))),
      output,
      parameters: held.filter((tensor, i): tensor is Parameter => tensor !== undefined && isLearnt(node.op, i, tensor)),
    });
  }
  const facts = new Map<string, Fact>();
  for (const [name, dtype] of types) {
    const value = values.get(name);
    if (value) facts.set(name, { dtype, dims: factOf(value).dims });
  }
  return { steps, inputs: inputs.map(({ name }) => name), outputs: graph.outputs.map(nameOf), facts, unknown };
}

const nameOf = ({ name }: ValueInfo): string => name;

function isConstant(value: Value | undefined): boolean {
  return value !== undefined && value.kind !== 'computed';
}

type Likeness = { readonly as: string; readonly inputs: readonly number[]; readonly zeroPoint?: number };

/** Operators with the shapes of another: which, its inputs among theirs, and the zero point whose type the output has, if any. */
const LIKE: ReadonlyMap<string, Likeness> = new Map([
  ['FusedConv', { as: 'Conv', inputs: [0, 1, 2] }],
  ['QLinearConv', { as: 'Conv', inputs: [0, 3, 8], zeroPoint: 7 }],
  ['QLinearMatMul', { as: 'MatMul', inputs: [0, 3], zeroPoint: 7 }],
  ['QGemm', { as: 'Gemm', inputs: [0, 3, 6], zeroPoint: 8 }],
  ['QLinearAdd', { as: 'Add', inputs: [0, 3], zeroPoint: 7 }],
  ['QLinearMul', { as: 'Mul', inputs: [0, 3], zeroPoint: 7 }],
  ['QLinearGlobalAveragePool', { as: 'GlobalAveragePool', inputs: [0], zeroPoint: 4 }],
  ['QuantizeLinear', { as: 'Identity', inputs: [0], zeroPoint: 2 }],
  ['DequantizeLinear', { as: 'Identity', inputs: [0] }],
]);

/** What a node makes of its inputs. Throws `unsupported` or `input` saying what it does not understand. */
function resultOf(node: OnnxNode, opset: number, values: ReadonlyMap<string, Value>): Value {
  const like = LIKE.get(node.op);
  const inputs = like ? like.inputs.map((index) => node.inputs[index] ?? '') : node.inputs;
  const plain = like ? { ...node, op: like.as, inputs } : node;
  const lookUp = (name: string): Value | undefined => {
    const value = values.get(name);
    return like && value?.kind === 'constant' ? { ...value, constant: asFloat(value.constant) } : value;
  };
  const source = sourceOf(plain, { opset, batch: undefined, lookUp });
  const known = inputs.map(lookUp);
  const [first] = known;
  const [name = ''] = node.outputs;
  if (plain.op === 'Cast' && first?.kind !== 'sizes') {
    if (first?.kind === 'constant' && elementCount(first.constant.dims) > 1) {
      return { ...first, name, constant: asFloat(first.constant) };
    }
    if (first?.kind === 'computed') return { ...first, name };
  }
  const folded = fold(plain, source, known);
  if (folded) return folded;
  const decode = DECODERS.get(plain.op) ?? source.refuse('an operator whose shapes are known');
  const decoded = decode(source);
  if ('same' in decoded) return { kind: 'computed', name, fact: decoded.same.fact };
  const facts = decoded.inputs.map((operand) => ('fact' in operand ? operand.fact : operand));
  return { kind: 'computed', name, fact: infer({ name, op: decoded.op, inputs: [], outputs: [name] }, facts) };
}

/** A constant of the same shape whose numbers nobody asks for. */
function asFloat({ dims }: Constant): Constant<'float32'> {
  return { dtype: 'float32', dims, read: () => new Float32Array(elementCount(dims)) };
}

/** The element type of a node's output. */
function typeOf(node: OnnxNode, types: ReadonlyMap<string, DType>, values: ReadonlyMap<string, Value>): DType {
  const of = (name = ''): DType | undefined => {
    const value = values.get(name);
    return types.get(name) ?? (value?.kind === 'constant' ? value.constant.dtype : undefined);
  };
  if (node.op === 'Cast') {
    const to = node.attributes.get('to');
    return (to?.kind === 'int' && dtypeOfCode(to.value)) || 'float32';
  }
  const like = LIKE.get(node.op);
  if (like) return of(node.inputs[like.zeroPoint ?? -1]) ?? (node.op === 'QuantizeLinear' ? 'uint8' : 'float32');
  return of(node.inputs[0]) ?? 'float32';
}
