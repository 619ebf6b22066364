import { describe, expect, test } from 'vitest';
import { type Constant, constant, type Graph, type Node } from '../../../../converter/graph/graph.ts';
import type { Op } from '../../../../converter/graph/op.ts';
import { rewrite } from '../../../../converter/graph/patch.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { floatConstant, inputOf, outputOf, viewOf } from '../../../../converter/graph/view.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { refusal } from '../weights/files.ts';

const node = (name: string, op: Op, inputs: readonly string[], outputs: readonly string[] = [name]): Node => ({
  name,
  op,
  inputs,
  outputs,
});
const relu = (name: string, input: string): Node => node(name, { kind: 'Relu' }, [input]);
const conv = (name: string, inputs: readonly string[], group = 1): Node =>
  node(name, { kind: 'Conv', kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], group }, inputs);
const floats = (...dims: readonly number[]): Constant =>
  constant(float32(dims, new Float32Array(dims.reduce((product, dim) => product * dim, 1))));

function graph(nodes: readonly Node[], constants: Readonly<Record<string, Constant>> = {}, outputs = ['y']): Graph {
  return {
    name: 'g',
    inputs: [{ name: 'x', dtype: 'float32', dims: ['N', 4, 8, 8] }],
    outputs,
    nodes,
    constants: new Map(Object.entries(constants)),
  };
}

test('verify gives the fact of every value', () => {
  const facts = verify(
    graph([conv('c', ['x', 'w', 'b']), relu('y', 'c')], { w: floats(6, 4, 3, 3), b: floats(6) }),
    't',
  );
  expect(facts.get('y')).toEqual({ dtype: 'float32', dims: ['N', 6, 4, 4] });
  expect([...facts.keys()]).toEqual(['x', 'w', 'b', 'c', 'y']);
});

describe('verify refuses, naming stage and node,', () => {
  const w = floats(6, 4, 3, 3);
  const gemm = (input: string): Node => node('y', { kind: 'Gemm', transB: true }, [input, 'w']);
  const cast = node('i', { kind: 'Cast', to: 'int8' }, ['x']);
  const pad = node('y', { kind: 'Pad', pads: [1, 0, 0, 0, 0, 0, 0, 0], value: 0 }, ['x']);

  test.each<readonly [string, Graph, string]>([
    ['a value read before it is made', graph([relu('y', 'a'), relu('a', 'x')]), 'y reads a, which is not defined'],
    ['a value made twice', graph([relu('y', 'x'), { ...relu('z', 'x'), outputs: ['y'] }]), 'y is defined again by z'],
    ['a value that hides a constant', graph([relu('y', 'x')], { y: w }), 'y is defined again by y'],
    ['two nodes of one name', graph([relu('y', 'x'), { ...relu('y', 'y'), outputs: ['z'] }]), 'two nodes are named y'],
    ['a value that nothing reads', graph([relu('y', 'x'), relu('z', 'x')]), 'z is never read'],
    ['a constant that nothing reads', graph([relu('y', 'x')], { w }), 'w is never read'],
    ['an output that is not made', graph([relu('z', 'x')], {}, ['y', 'z']), 'the output y is not defined'],
    ['a node without an output', graph([node('y', { kind: 'Relu' }, ['x'], [])]), 'expected one output of y'],
    ['a node with two outputs', graph([node('y', { kind: 'Relu' }, ['x'], ['y', 'z'])]), 'expected one output of y'],
    [
      'too few inputs',
      graph([conv('y', ['x'])]),
      'expected at least 2 inputs for y (Conv), received float32[N, 4, 8, 8]',
    ],
    ['another kernel', graph([conv('y', ['x', 'w'])], { w: floats(6, 4, 1, 1) }), 'a weight of kernel 3 x 3 for y'],
    ['other channels', graph([conv('y', ['x', 'w'])], { w: floats(6, 3, 3, 3) }), '3 input channels for y (Conv)'],
    ['groups that do not divide', graph([conv('y', ['x', 'w'], 4)], { w: floats(6, 1, 3, 3) }), 'input channels for y'],
    [
      'a bias of another length',
      graph([conv('y', ['x', 'w', 'b'])], { w, b: floats(5) }),
      'a bias of [6] for y (Conv)',
    ],
    ['an integer image', graph([cast, conv('y', ['i', 'w'])], { w }), 'input and weight of one float type for y'],
    [
      'a norm of other channels',
      graph([node('y', { kind: 'BatchNormalization', epsilon: 1 }, ['x', 'w', 'w', 'w', 'w'])], { w: floats(3) }),
      'four parameters of [4] for y (BatchNormalization)',
    ],
    ['a head on an image', graph([gemm('x')], { w: floats(3, 4) }), '[N, 4] as input for y (Gemm)'],
    [
      'an addition of other shapes',
      graph([conv('c', ['x', 'w']), node('y', { kind: 'Add' }, ['x', 'c'])], { w }),
      'inputs of one shape for y (Add)',
    ],
    ['an addition of other types', graph([cast, node('y', { kind: 'Add' }, ['x', 'i'])]), 'inputs of one type for y'],
    ['padding of a symbolic axis', graph([pad]), 'a known size on axis 0 for y (Pad)'],
    ['a pool of a flat value', pooledTwice(), 'a 4-dimensional input for y (GlobalAveragePool)'],
  ])('%s', (_, of, message) => {
    const refused = refusal(() => verify(of, 'some pass'));
    expect(refused).toContain('internal: after some pass: ');
    expect(refused).toContain(message);
  });

  function pooledTwice(): Graph {
    return graph([node('f', { kind: 'Flatten', axis: 1 }, ['x']), node('y', { kind: 'GlobalAveragePool' }, ['f'])]);
  }
});

describe('rewrite', () => {
  const chain = graph([relu('a', 'x'), relu('b', 'a'), relu('c', 'b'), relu('y', 'c')]);

  test('a rule that finds nothing gives the graph itself', () => {
    expect(rewrite(chain, () => undefined)).toBe(chain);
  });

  test('readers and outputs follow a chain of replacements', () => {
    const shorter = rewrite(chain, (found) =>
      found.name === 'a'
        ? undefined
        : { remove: [found.name], add: [], replace: new Map([[outputOf(found), inputOf(found, 0)]]) },
    );
    expect(shorter.nodes).toEqual([relu('a', 'x')]);
    expect(shorter.outputs).toEqual(['a']);
  });

  test('added nodes stand where the found one stood, and constants nobody reads go', () => {
    const weighted = graph([conv('c', ['x', 'w']), relu('y', 'c')], { w: floats(6, 4, 3, 3) });
    const changed = rewrite(weighted, (found) =>
      found.name === 'c'
        ? {
            remove: ['c'],
            add: [relu('p', 'x'), conv('c', ['p', 'v'])],
            constants: new Map([['v', floats(2, 4, 3, 3)]]),
          }
        : undefined,
    );
    expect(changed.nodes.map(({ name }) => name)).toEqual(['p', 'c', 'y']);
    expect([...changed.constants.keys()]).toEqual(['v']);
    expect(verify(changed, 'test').get('y')?.dims).toEqual(['N', 2, 4, 4]);
  });
});

describe('a view', () => {
  const of = graph([relu('a', 'x'), node('y', { kind: 'Add' }, ['a', 'a'])], { w: floats(1) });
  const view = viewOf(of);

  test('knows makers and readers, each reader once', () => {
    expect(view.producer('a')?.name).toBe('a');
    expect(view.producer('x')).toBeUndefined();
    expect(view.consumers('a').map(({ name }) => name)).toEqual(['y']);
    expect(view.consumers('y')).toEqual([]);
    expect([view.isOutput('y'), view.isOutput('a')]).toEqual([true, false]);
  });

  test('its helpers refuse what is not there, naming it', () => {
    const bytes: Tensor = { dtype: 'uint8', dims: [1], data: Uint8Array.of(1) };
    const typed = graph([relu('y', 'x')], { u: constant(bytes) });
    expect(refusal(() => inputOf(relu('y', 'x'), 1))).toBe('internal: y (Relu) has no input 1');
    expect(refusal(() => outputOf(node('y', { kind: 'Relu' }, ['x'], [])))).toBe('internal: y (Relu) has no output');
    expect(refusal(() => floatConstant(typed, 'w'))).toBe('internal: expected a float32 constant w, found none');
    expect(refusal(() => floatConstant(typed, 'u'))).toBe('internal: expected a float32 constant u, found uint8');
  });
});
