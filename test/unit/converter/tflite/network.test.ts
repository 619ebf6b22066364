import { expect, test } from 'vitest';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { readTflite } from '../../../../converter/tflite-network.ts';
import { patched } from './patch.ts';
import { tfliteBytes, tfliteNetwork } from './sources.ts';

const UNIT = { channels: 'rgb', scale: 255, mean: [0, 0, 0], std: [1, 1, 1] };
const SIGNED = { channels: 'rgb', scale: 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
const INSIDE = { channels: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };

test.each([
  ['resnet.float', {}, 'logits', /^tflite: TFLite model, 6 convolutions, 1 dense layer, 10 classes, nothing said/],
  ['resnet.int8', UNIT, 'logits', /^tflite: TFLite model, quantized, 6 convolutions, .*, pictures from 0 to 1$/],
  ['resnet.uint8', UNIT, 'logits', /quantized, .*pictures from 0 to 1$/],
  ['mobile.int8', SIGNED, 'probabilities', /10 classes behind a softmax, pictures from -1 to 1$/],
  ['mobile.float-io', SIGNED, 'probabilities', /quantized/],
  ['variety.float', INSIDE, 'logits', /prepared inside$/],
  ['variety.int8', INSIDE, 'logits', /pictures from 0 to 255$/],
] as const)('%s says what it is and how its pictures are prepared', (name, values, output, words) => {
  const network = tfliteNetwork(name);
  expect(network).toMatchObject({ name: 'tflite', format: 'tflite', classes: 10, output, warnings: [] });
  expect(network.preprocessing).toEqual({ ...values, inputSize: 32, layout: 'nhwc' });
  expect(network.description).toMatch(words);
});

test('metadata tells how pictures are prepared, and the labels packed behind the model', () => {
  const { preprocessing, labels, warnings } = tfliteNetwork('mobile.labelled');
  expect(preprocessing).toMatchObject({ scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] });
  expect(labels).toHaveLength(10);
  expect(labels?.[0]).toBe('airplane');
  expect(warnings).toEqual([]);
});

test('labels that are cut off are said to be missing, and the model is read', () => {
  const bytes = tfliteBytes('mobile.labelled');
  const { labels, warnings } = readTflite(bytes.subarray(0, bytes.length - 40));
  expect(labels).toBeUndefined();
  expect(warnings).toEqual([expect.stringMatching(/^nothing was read from its metadata: expected a ZIP directory/)]);
});

test('an input range that says nothing of pictures is said', () => {
  const bytes = patched('resnet.int8', (view, { field, element, tensor, operand, target }) => {
    const quantization = target(field(tensor(operand(0, 1, 0)), 4));
    view.setFloat32(element(quantization, 2, 0), 0.0187, true);
  });
  const { warnings, preprocessing } = readTflite(bytes);
  expect(preprocessing).toEqual({ inputSize: 32, layout: 'nhwc' });
  expect(warnings).toEqual([expect.stringMatching(/^its input takes numbers from 0\.00 to 4\.77, which says not how/)]);
});

test('bytes of any range are pixels', () => {
  const bytes = patched('resnet.uint8', (view, { field, element, graph, tensor, target }) => {
    const picture = tensor(view.getInt32(element(graph, 1, 0), true));
    view.setFloat32(element(target(field(picture, 4)), 2, 0), 0.0187, true);
  });
  const { preprocessing } = readTflite(bytes);
  expect(preprocessing).toMatchObject({ scale: 1, mean: [0, 0, 0] });
  expect(preprocessing.std?.[0]).toBeCloseTo(1 / 0.0187, 3);
});

test('it is built for the pictures that it was made for, and no others', () => {
  const network = tfliteNetwork('resnet.float');
  expect(network.build(32).inputs[0]?.dims).toEqual(['N', 3, 32, 32]);
  expect(() => network.build(64)).toThrow(/^expected --input-size 32, for which the model was made, received 64/);
});

test('of several subgraphs the first is taken, which is said', () => {
  const { warnings, quantized } = tfliteNetwork('mobile.two');
  expect(warnings).toEqual(['it has 2 subgraphs: the first one is taken']);
  expect(quantized).toBeDefined();
});

test('SQUEEZE without axes leaves the batch', () => {
  const [RESHAPE, SQUEEZE] = [22, 43];
  const bytes = patched('mobile.float', (view, { root, field, target, code, operator, element }) => {
    // The shape that it was computed for.
    view.setInt32(element(operator(12), 1, 1), -1, true);
    const count = view.getUint32(target(field(root, 1)), true);
    for (let index = 0; index < count; index++) {
      const [old, now] = [field(code(index), 0), field(code(index), 3)];
      if (old === 0 || view.getInt8(old) !== RESHAPE) continue;
      view.setInt8(old, SQUEEZE);
      view.setInt32(now, SQUEEZE, true);
    }
  });
  const kinds = (graph: Graph): readonly string[] => graph.nodes.map(({ op }) => op.kind);
  expect(bytes).not.toEqual(tfliteBytes('mobile.float'));
  expect(kinds(readTflite(bytes).build(32))).toEqual(kinds(tfliteNetwork('mobile.float').build(32)));
});
