import { describe, expect, test } from 'vitest';
import { readOnnx } from '../../../../converter/onnx-network.ts';
import { concat, encodeModel } from '../../../../src/onnx/encode.ts';
import type { Model, ValueInfo } from '../../../../src/onnx/schema.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { refusal } from '../weights/files.ts';
import { head, int, ints, model, node, picture, scores, weights } from './build.ts';

const read = (of: Model): string => refusal(() => readOnnx(concat(encodeModel(of))));

const conv = node('Conv', ['x', 'w'], 'c');

test('what is refused below is read without its fault', () => {
  expect(read(model([conv, ...head]))).toBe('accepted');
  expect(read(model([...head, conv]))).toBe('accepted');
});

describe('refuses, naming the node,', () => {
  test.each<readonly [string, Model, string]>([
    [
      'an operator nobody knows',
      model([node('NonMaxSuppression', ['x'], 'c'), ...head]),
      'unsupported: expected operators of a convolutional classifier, received node the_c (NonMaxSuppression): cut the model before it, or export the network without it',
    ],
    [
      'an operator of another domain',
      model([node('Relu', ['x'], 'c', {}, 'com.acme'), ...head]),
      'the_c (com.acme.Relu)',
    ],
    [
      'a cycle',
      model([node('Add', ['x', 'd'], 'c'), node('Relu', ['c'], 'd'), ...head]),
      'input: expected a graph without cycles, found one through node the_c (Add)',
    ],
    [
      'a value that nothing makes',
      model([node('Relu', ['lost'], 'c'), ...head]),
      'input: expected every value to be made by a node, found none for lost, which node the_c (Relu) reads',
    ],
    ['an output that nothing makes', model([conv]), 'found none for y, which the graph output reads'],
    [
      'a value made twice',
      model([conv, { ...conv, name: 'again' }, ...head]),
      'expected one maker of c, found node the_c (Conv) and node again (Conv)',
    ],
    [
      'a model that is quantized',
      model([node('QuantizeLinear', ['x', 's'], 'c'), conv, ...head].slice(0, 1).concat(head), {
        initializers: [...weights, { name: 's', ...float32([], Float32Array.of(1)) }],
      }),
      'received one that is quantized already (node the_c (QuantizeLinear)): convert the float model',
    ],
    [
      'weights that are computed',
      model([node('Relu', ['x'], 'k'), node('Conv', ['x', 'k'], 'c'), ...head]),
      'expected weights as floats known before it runs (input 1), received one that is computed in node the_c (Conv)',
    ],
    [
      'channels that do not fit',
      model([node('Conv', ['x', 'w'], 'c', { group: int(2) }), ...head]),
      'input: node the_c (Conv) cannot run: expected 6 input channels',
    ],
    [
      'features that do not fit',
      model([
        conv,
        node('GlobalAveragePool', ['c'], 'g'),
        node('Flatten', ['g'], 'f'),
        node('MatMul', ['f', 'm'], 'y'),
      ]),
      'node the_y (MatMul) cannot run',
    ],
    [
      'a reshape that mixes the pictures of a batch',
      model([conv, node('Reshape', ['c', 'shape'], 'g'), node('Flatten', ['g'], 'y')]),
      'expected a shape that keeps the batch apart',
    ],
    [
      'a dilated pool',
      model([node('MaxPool', ['x'], 'c', { kernel_shape: ints(2, 2), dilations: ints(2, 2) }), ...head]),
      'expected no dilations, received [2,2] in node the_c (MaxPool)',
    ],
    [
      'padding that reflects',
      model([node('Pad', ['x'], 'c', { mode: { kind: 'string', value: 'reflect' } }), ...head]),
      'expected constant padding, received mode reflect in node the_c (Pad)',
    ],
    [
      'an attribute of another kind',
      model([node('Conv', ['x', 'w'], 'c', { group: ints(1) }), ...head]),
      'expected int as attribute group, received ints in node the_c (Conv)',
    ],
  ])('%s', (_, of, message) => {
    expect(read(of)).toContain(message);
  });
});

describe('refuses', () => {
  const good = [conv, ...head];
  const second: ValueInfo = { ...picture, name: 'z' };
  test.each<readonly [string, Model, string]>([
    ['an opset too old', model(good, {}, 6), 'unsupported: expected a model of opset 7 to 22, received 6'],
    ['an opset too new', model(good, {}, 23), 'received 23'],
    [
      'two inputs',
      model(good, { inputs: [picture, second] }),
      'expected a model with one input, the picture, received x, z',
    ],
    ['no output', model(good, { outputs: [] }), 'expected one output, the scores of the classes, received none'],
    [
      'two outputs',
      model(good, { outputs: [scores, { ...scores, name: 'g' }] }),
      'expected one output, the scores of the classes, received the_y, the_g',
    ],
    [
      'four channels',
      model(good, { inputs: [{ ...picture, dims: ['N', 4, 8, 8] }] }),
      'expected pictures as input, float or uint8, [N, 3, size, size] or [N, size, size, 3], received float32[N, 4, 8, 8] as x',
    ],
    [
      'a picture that is no square',
      model(good, { inputs: [{ ...picture, dims: ['N', 3, 8, 6] }] }),
      'received float32[N, 3, 8, 6] as x',
    ],
    [
      'scores for every pixel',
      model([node('Conv', ['x', 'w'], 'y')]),
      'expected scores [N, classes] as output the_y, received [N, 4, 8, 8]',
    ],
  ])('%s', (_, of, message) => {
    expect(read(of)).toContain(message);
  });
});
