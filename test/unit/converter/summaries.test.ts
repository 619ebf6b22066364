import { expect, test } from 'vitest';
import { observePictures } from '../../../converter/calibrate.ts';
import { floatModel } from '../../../converter/float-model.ts';
import { viewOf } from '../../../converter/graph/view.ts';
import { readNetwork } from '../../../converter/network.ts';
import { applyPasses, FOLD, inputPasses } from '../../../converter/passes/index.ts';
import { modelInput, probePicture } from '../../../converter/probe.ts';
import { observer } from '../../../converter/quantize/observe.ts';
import { selectValues } from '../../../converter/quantize/select.ts';
import { buildGraph } from '../../../converter/resnet/build.ts';
import { raw } from './conversions.ts';
import { seededFile } from './networks.ts';
import { runInProcess } from './runner.ts';

const SIZE = 64;

test('summaries of large values give the statistics of the whole: extremes exactly, means and powers nearly', async () => {
  const network = readNetwork(seededFile({ depths: [1, 1, 1] }, 3), 'auto');
  const preprocessing = raw(SIZE);
  const folded = applyPasses(buildGraph(network.architecture, network.weights.tensors, SIZE), FOLD);
  const float = applyPasses(folded, inputPasses(preprocessing, false));
  const names = selectValues(viewOf(float)).map(({ value }) => value);
  const inputs = [1, 2, 3].map((seed) => modelInput(probePicture(SIZE, seed), preprocessing));
  const model = floatModel(float, names, SIZE, { name: 'test', version: '0' }, runInProcess);

  const whole = observer(names);
  for (const [index, group] of model.groups.entries()) {
    const session = await model.session(index);
    for (const input of inputs) whole.add(await session.run({ input }, group));
  }
  async function* each() {
    yield* inputs;
  }
  const { summarised } = await model.summaries();
  expect(summarised.length).toBeGreaterThan(2);
  expect(summarised.length).toBeLessThan(names.length);
  const { statistics } = await observePictures(
    model,
    { kind: 'pictures', inputs: each(), count: inputs.length },
    { preprocessing, layers: [], run: runInProcess, onProgress: () => undefined },
  );
  await model.close();

  for (const [name, expected] of whole.statistics()) {
    const found = statistics.get(name)!;
    expect([found.min, found.max]).toEqual([expected.min, expected.max]);
    expect(found.channels.min).toEqual(expected.channels.min);
    expect(found.channels.max).toEqual(expected.channels.max);
    const scale = Math.sqrt(Math.max(...expected.channels.power));
    for (const [c, mean] of expected.channels.mean.entries()) {
      expect(Math.abs(found.channels.mean[c]! - mean)).toBeLessThan(
        summarised.includes(name) ? 0.1 * scale : 1e-6 * scale,
      );
    }
  }
});
