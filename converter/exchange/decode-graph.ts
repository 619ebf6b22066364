import { ResedgeError } from '../../src/errors.ts';
import type { Model, OnnxNode, ValueInfo } from '../../src/onnx/schema.ts';
import type { Constant, Dim, Graph, Node } from '../graph/graph.ts';
import { inferRead } from '../graph/infer.ts';
import { DECODERS } from '../graph/ops/index.ts';
import { dropDead } from '../graph/patch.ts';
import { fold } from './fold-node.ts';
import { fedInputs, opsetOf } from './model-facts.ts';
import { newNames } from './names.ts';
import { nodeTitle, orderNodes } from './order-nodes.ts';
import { sourceOf } from './source.ts';
import { constantOf, type Value } from './value.ts';

/** Versions of the operators that are read. */
const OPSETS = { from: 7, to: 22 } as const;

/** The size of the batch in a graph. */
export const BATCH = 'N';

/**
 * A model's graph: one walk that folds what is known, shape arithmetic included, and drops what does nothing. Its input is the float32
 * `input` of the shape `dims` with the batch as a symbol, numbers of 16 bits are read as 32, nodes keep their names, and every constant
 * has one reader. Throws `unsupported` naming the node, or `input` for a graph that no runtime could run.
 */
export function decodeGraph(model: Model, dims: readonly Dim[]): Graph {
  const { graph } = model;
  const opset = knownOpset(model);
  const nodes = orderNodes(graph);
  for (const node of nodes) expectKnown(node);
  const input = onlyInput(model);
  const [fixed] = input.dims;
  const batch = typeof fixed === 'number' ? fixed : undefined;

  const names = newNames();
  const values = new Map<string, Value>();
  for (const tensor of graph.initializers) {
    values.set(tensor.name, { kind: 'constant', name: tensor.name, constant: constantOf(tensor) });
  }
  values.set(input.name, { kind: 'computed', name: 'input', fact: { dtype: 'float32', dims } });
  const decoded: Node[] = [];
  const constants = new Map<string, Constant>();

  for (const node of nodes) {
    const source = sourceOf(node, { opset, batch, lookUp: (name) => values.get(name) });
    const [output = ''] = node.outputs;
    const known = node.inputs.map((name) => values.get(name));
    const folded = fold(node, source, known);
    if (folded) {
      values.set(output, folded);
      continue;
    }
    const decode = DECODERS.get(node.op) ?? refuseOp(node);
    const result = decode(source);
    if ('same' in result) {
      values.set(output, known.find((value) => value && nameOf(value) === result.same.name)!);
      continue;
    }
    if (node.outputs.slice(1).some((name) => name !== '' && isRead(name))) {
      source.refuse(`one output in use, received ${node.outputs.length}`);
    }
    const name = names(node.name || output);
    const inputs = result.inputs.map((operand, place) => {
      if ('fact' in operand && operand.constant === undefined) {
        if (operand.name === '') source.refuse('numbers of the picture, received the size of the batch');
        return operand.name;
      }
      const constant = 'fact' in operand ? operand.constant! : operand;
      const wanted = known.find((value) => value?.kind === 'constant' && value.constant === constant);
      const fallback = `${name}.${CONSTANTS[place] ?? place}`;
      const own = names((wanted?.kind === 'constant' && wanted.name) || fallback);
      constants.set(own, constant);
      return own;
    });
    const made: Node = { name, op: result.op, inputs, outputs: [name] };
    const facts = result.inputs.map((operand) => ('fact' in operand ? operand.fact : operand));
    decoded.push(made);
    values.set(output, { kind: 'computed', name, fact: inferRead(made, facts, nodeTitle(node)) });
  }
  const outputs = graph.outputs.map(({ name }) => computedName(name, values));
  const whole = dropDead({
    name: graph.name || 'model',
    inputs: [{ name: 'input', dtype: 'float32', dims }],
    outputs,
    nodes: decoded,
    constants,
  });
  const [first] = graph.outputs;
  if (first && ![...outputs, ...whole.nodes.flatMap(({ inputs }) => inputs)].includes('input')) {
    refuseConstant(first.name);
  }
  return whole;

  function isRead(name: string): boolean {
    return nodes.some(({ inputs }) => inputs.includes(name)) || graph.outputs.some((output) => output.name === name);
  }
}

/** How a constant without a name is called, by its place. */
const CONSTANTS: readonly string[] = ['operand', 'weight', 'bias'];

function knownOpset(model: Model): number {
  const found = opsetOf(model);
  if (found >= OPSETS.from && found <= OPSETS.to) return found;
  throw new ResedgeError(
    'unsupported',
    `expected a model of opset ${OPSETS.from} to ${OPSETS.to}, received ${found || 'none'}: convert it with onnx.version_converter, or export it again`,
  );
}

/** The graph input that is no initializer. */
export function onlyInput({ graph }: Model): ValueInfo {
  const [input, ...more] = fedInputs(graph);
  if (input !== undefined && more.length === 0) return input;
  const found = input ? [input, ...more].map(({ name }) => name).join(', ') : 'none';
  throw new ResedgeError('unsupported', `expected a model with one input, the picture, received ${found}`);
}

function expectKnown(node: OnnxNode): void {
  if (/^(QuantizeLinear|DequantizeLinear|QLinear\w+|\w+Integer|DynamicQuantizeLinear)$/.test(node.op)) {
    throw new ResedgeError(
      'unsupported',
      `expected a float model, received one that is quantized already (${nodeTitle(node)}): convert the float model that it was made from`,
    );
  }
  if (node.domain !== '' && node.domain !== 'ai.onnx') refuseOp(node);
}

/** Throws `unsupported` for an operator that no classifier needs. */
export function refuseOp(node: OnnxNode): never {
  throw new ResedgeError(
    'unsupported',
    `expected operators of a convolutional classifier, received ${nodeTitle(node)}: cut the model before it, or export the network without it`,
  );
}

function nameOf(value: Value): string {
  return value.kind === 'sizes' ? '' : value.name;
}

function computedName(name: string, values: ReadonlyMap<string, Value>): string {
  const value = values.get(name);
  return value?.kind === 'computed' ? value.name : refuseConstant(name);
}

function refuseConstant(name: string): never {
  throw new ResedgeError(
    'unsupported',
    `expected scores that depend on the picture as output ${name}, received a constant`,
  );
}
