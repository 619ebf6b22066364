import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trainingGraph } from '../../../../converter/autodiff/training-graph.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { floats } from '../../../../converter/runner.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { runInProcess } from '../runner.ts';
import { lossOf, targetsOf } from './differences.ts';

const BATCH = 2;
const SIZE = 64;
const STEP = 1e-3;

test.each(['seresnet10', 'ecaresnet14', 'resnetblur10', 'resnetaa14', 'resnet14d'])(
  'the loss of %s changes along its gradient by the gradient',
  async (name) => {
    const file = new URL(`../../../golden/variants/${name}.safetensors`, import.meta.url);
    const network = readNetwork(new Uint8Array(readFileSync(file)), 'auto');
    const graph = network.build(SIZE);
    const norms = graph.nodes.flatMap(({ op, inputs }) => (op.kind === 'BatchNormalization' ? inputs.slice(3) : []));
    const fixed = new Set([...norms, ...[...graph.constants.keys()].filter((key) => key.includes('filter'))]);
    const trainable = new Set([...graph.constants.keys()].filter((key) => !fixed.has(key)));
    const training = trainingGraph(graph, { batch: BATCH, trainable, norms: 'frozen' });
    const model = await runInProcess(training.encode({ name: 'test', version: '0' }), { optimize: true });
    const targets = targetsOf(network.classes);
    const input = float32(
      [BATCH, 3, SIZE, SIZE],
      Float32Array.from({ length: BATCH * 3 * SIZE * SIZE }, (_, i) => Math.sin(i * 1.7 + Math.sin(i * 0.013) * 9)),
    );
    const run = (moved: (parameter: string, i: number) => number): Promise<Readonly<Record<string, Tensor>>> => {
      const parameters = training.parameters.map(({ name: key, dims }) => {
        const values = graph.constants.get(key)!.read() as Float32Array;
        return [
          key,
          float32(
            dims,
            values.map((value, i) => value + moved(key, i)),
          ),
        ] as const;
      });
      return model.run({ input, targets, ...Object.fromEntries(parameters) });
    };
    const outputs = await run(() => 0);
    const gradients = new Map(training.parameters.map(({ name: key, gradient }) => [key, floats(outputs, gradient)]));
    const squares = [...gradients.values()].map((values) => values.reduce((sum, value) => sum + value * value, 0));
    const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    const lossAt = async (step: number): Promise<number> => {
      const { logits } = await run((key, i) => (step * gradients.get(key)![i]!) / norm);
      return lossOf(logits!.data as Float32Array, targets.data);
    };
    const slope = ((await lossAt(STEP)) - (await lossAt(-STEP))) / (2 * STEP);
    await model.close();
    expect(Math.abs(slope / norm - 1)).toBeLessThan(1e-2);
  },
);
