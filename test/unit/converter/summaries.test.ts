import { expect, test } from 'vitest';
import { observePictures } from '../../../converter/calibrate.ts';
import { someOf, summaryOf } from '../../../converter/exchange/summary.ts';
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

/** A network, and a float model of it for pictures of a size whose halves are odd. */
function opened(size: number) {
  const network = readNetwork(seededFile({ depths: [1, 1, 1] }, 3), 'auto');
  const preprocessing = raw(size);
  const folded = applyPasses(buildGraph(network.architecture, network.weights.tensors, size), FOLD);
  const float = applyPasses(folded, inputPasses(preprocessing, false));
  const names = selectValues(viewOf(float)).map(({ value }) => value);
  const input = modelInput(probePicture(size, 1), preprocessing);
  return { names, input, model: floatModel(float, names, size, { name: 'test', version: '0' }, runInProcess) };
}

test('where all values fit one session they are shown whole, unless summaries are open', async () => {
  const { names, model } = opened(SIZE);
  expect(await model.all()).toMatchObject({ whole: names, summarised: [] });
  const { session, summarised } = await model.summaries();
  expect(await model.all()).toMatchObject({ session, summarised });
  await model.close();
});

test('a summary holds the rows and columns that are taken of a whole value', async () => {
  const { input, model } = opened(58);
  const { session: all, whole } = await model.all();
  const exact = await all.run({ input }, whole);
  const { session, summarised } = await model.summaries();
  const shown = await session.run({ input });
  await model.close();
  expect(summarised.some((name) => Number(exact[name]?.dims[2]) % 2 === 1)).toBe(true);
  for (const name of summarised) {
    const { data, dims } = exact[name]!;
    expect(shown[summaryOf(name).some]?.data, name).toEqual(someOf(data as Float32Array, dims));
  }
});

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
