import { describe, expect, test } from 'vitest';
import { endInProbabilities } from '../../../../converter/exchange/scores.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { readOnnx } from '../../../../converter/onnx-network.ts';
import { applyPasses, FOLD } from '../../../../converter/passes/index.ts';
import { externalData } from '../../../../src/node/model/external-data.ts';
import { largestDifference } from '../conversions.ts';
import { logitsOf } from '../runner.ts';
import { bytesOf, EXPORTS, type Exported, expected, sourceBytes, sourceInputs, sourcePath } from './sources.ts';

const SIZE = 16;

/** Float16 arithmetic, which is done in float32 here, may differ in its last bits. */
const TOLERANCE: Readonly<Partial<Record<Exported, number>>> = { half: 2e-3 };

/** Nodes of each kind that are left, in order of first use: no Cast, Transpose, Pad, Identity or arithmetic on shapes. */
const LAYERS: Readonly<Record<Exported, string>> = {
  pytorch: '6 Conv, 5 Relu, 1 MaxPool, 2 Add, 1 GlobalAveragePool, 1 Flatten, 1 Gemm',
  mobile: '5 Conv, 2 Add, 2 Clip, 2 Mul, 1 Div, 2 GlobalAveragePool, 1 Relu, 1 HardSigmoid, 1 Flatten, 1 Gemm',
  tf2onnx: '4 Conv, 3 Relu, 1 MaxPool, 1 Add, 1 LeakyRelu, 1 GlobalAveragePool, 1 Flatten, 1 Gemm',
  keras2onnx: '19 Conv, 18 Relu, 9 Add, 1 GlobalAveragePool, 1 Flatten, 1 Gemm',
  // The norm on the picture joins its preprocessing; the two that follow an addition are layers of their own.
  mxnet:
    '1 BatchNormalization, 4 Conv, 1 Relu, 1 Add, 1 PRelu, 1 Clip, 1 AveragePool, 1 GlobalAveragePool, 1 Flatten, 1 Gemm',
  squeeze: '5 Conv, 4 Relu, 1 MaxPool, 1 Concat, 1 AveragePool, 1 GlobalAveragePool, 1 Flatten',
  half: '1 Conv, 1 Sigmoid, 1 GlobalAveragePool, 1 Flatten, 1 Gemm',
};

function layersOf(graph: Graph): string {
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op.kind, (counts.get(op.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

describe.each(EXPORTS)('a model of %s style', (name) => {
  const network = readOnnx(sourceBytes(name));
  const read = network.build(SIZE);
  const simplified = applyPasses(read, FOLD);

  test.each<readonly [string, Graph]>([
    ['as it is read', read],
    ['simplified', simplified],
  ])('gives the scores of ONNX Runtime for Python, %s', async (_, graph) => {
    const whole = network.output === 'probabilities' ? endInProbabilities(graph) : graph;
    for (const [i, input] of sourceInputs().entries()) {
      const scores = await logitsOf(bytesOf(whole), input);
      const wanted = Float32Array.from(expected[name]?.scores[i] ?? []);
      expect(largestDifference(scores, wanted)).toBeLessThan(TOLERANCE[name] ?? 1e-5);
    }
  });

  test('is simplified to its layers', () => {
    expect(layersOf(simplified)).toBe(LAYERS[name]);
  });
});

test('says what it is', () => {
  expect(readOnnx(sourceBytes('tf2onnx'))).toMatchObject({
    name: 'onnx',
    description: 'onnx: ONNX model of tf2onnx, 3 convolutions, 1 dense layer, 5 classes behind a softmax',
    format: 'onnx',
    output: 'probabilities',
    classes: 5,
    preprocessing: { inputSize: 16, layout: 'nhwc' },
    warnings: [],
  });
  expect(readOnnx(sourceBytes('pytorch'))).toMatchObject({
    output: 'logits',
    parameters: 5181,
    preprocessing: { inputSize: 224, layout: 'nchw' },
  });
});

test('weights in a file beside the model are read from there', async () => {
  const network = readOnnx(sourceBytes('external'), externalData(sourcePath('external.onnx')));
  const inside = readOnnx(sourceBytes('squeeze'));
  expect(bytesOf(network.build(SIZE))).toEqual(bytesOf(inside.build(SIZE)));
});

test('a model of any size takes the one asked for, one of a fixed size no other', () => {
  expect(readOnnx(sourceBytes('pytorch')).build(48).inputs[0]?.dims).toEqual(['N', 3, 48, 48]);
  expect(() => readOnnx(sourceBytes('mobile')).build(48)).toThrow(/^expected --input-size 16, .* received 48/);
});
