import { expect, test } from 'vitest';
import { compareModels } from '../../../converter/compare-models.ts';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import type { Model } from '../../../src/onnx/schema.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { convertFile, raw } from './conversions.ts';
import { seededFile } from './networks.ts';
import { runInProcess } from './runner.ts';

const SIZE = 32;

async function model(classes: number, options: Parameters<typeof convertFile>[2] = {}): Promise<Model> {
  const file = seededFile({ depths: [1, 1], classes }, 3);
  return decodeModel((await convertFile(file, raw(SIZE), options)).model);
}

async function* inputs(): AsyncGenerator<readonly [Tensor, Tensor]> {
  for (const seed of [1, 2]) {
    const input = modelInput(probePicture(SIZE, seed), raw(SIZE));
    yield [input, input];
  }
}

test('half precision against single: every value of the reference, the logits last', async () => {
  const [single, half] = [await model(5), await model(5, { fp16: {} })];
  const layers = await compareModels(single, half, inputs(), runInProcess);
  const convolutions = single.graph.nodes.filter(({ op }) => op === 'Conv').flatMap(({ outputs }) => outputs);
  expect(layers.map(({ name }) => name)).toEqual(expect.arrayContaining(convolutions));
  expect(layers.at(-1)?.name).toBe(single.graph.outputs[0]?.name);
  // 200 dB would be a value compared with itself.
  expect(layers.filter(({ sqnrDb }) => sqnrDb < 45 || sqnrDb === 200)).toEqual([]);
});

test('a head of other classes is refused', async () => {
  const pair = compareModels(await model(5), await model(3), inputs(), runInProcess);
  await expect(pair).rejects.toThrow('expected two models of one network, fc has 5 numbers in the reference and 3 in');
});
