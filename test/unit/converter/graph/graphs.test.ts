import { describe, expect, test } from 'vitest';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { print } from '../../../../converter/graph/print.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { applyPasses, FOLD, inputPasses } from '../../../../converter/passes/index.ts';
import { applyPlan } from '../../../../converter/quantize/apply.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { float32, type Tensor } from '../../../../src/tensor/tensor.ts';
import { calibrated, classic, convertFile, raw } from '../conversions.ts';
import { architecture, seededFile, seededTensors, type Wanted } from '../networks.ts';
import { runInProcess } from '../runner.ts';

const SIZE = 16;
const projection: Wanted = { depths: [1, 1], stem: { kind: 'imagenet', width: 4 }, inner: 4, classes: 3 };
const optionA: Wanted = { depths: [1, 1], inner: 4, shortcut: { kind: 'pad' }, head: 'linear', classes: 3 };
const bottleneck: Wanted = { block: 'bottleneck', depths: [1], inner: 4, groups: 2, classes: 3 };

function trained(wanted: Wanted): Graph {
  const of = architecture(wanted);
  const tensors = [...seededTensors(of, 1)].map(([name, { dims, data }]) => {
    return [name, { dtype: 'F32', dims, read: () => data }] as const;
  });
  return buildGraph(of, new Map(tensors), SIZE);
}

async function quantized(wanted: Wanted, preprocessing: Preprocessing): Promise<Graph> {
  const { int8 } = await convertFile(seededFile(wanted), preprocessing, { int8: calibrated(preprocessing) });
  const pixels = applyPasses(applyPasses(trained(wanted), FOLD), inputPasses(preprocessing, true));
  return applyPlan(pixels, int8!.plan);
}

const folded = (wanted: Wanted): Graph => applyPasses(trained(wanted), FOLD);
const input = (wanted: Wanted, preprocessing: Preprocessing, pixels: boolean): Graph =>
  applyPasses(folded(wanted), inputPasses(preprocessing, pixels));

const graphs: readonly (readonly [string, () => Graph | Promise<Graph>])[] = [
  ['projection-trained', () => trained(projection)],
  ['projection-folded', () => folded(projection)],
  ['projection-centred', () => input(projection, raw(SIZE), false)],
  ['projection-pixels', () => input(projection, raw(SIZE), true)],
  ['projection-nhwc', () => input(projection, classic(SIZE, { layout: 'nhwc' }), false)],
  ['projection-quantized', () => quantized(projection, raw(SIZE))],
  ['option-a-trained', () => trained(optionA)],
  ['option-a-folded', () => folded(optionA)],
  ['option-a-quantized', () => quantized(optionA, classic(SIZE))],
  ['bottleneck-trained', () => trained(bottleneck)],
  ['bottleneck-folded', () => folded(bottleneck)],
];

describe.each(graphs)('%s', (name, make) => {
  test('is printed as before', async () => {
    await expect(print(await make())).toMatchFileSnapshot(`../../../golden/graphs/${name}.txt`);
  });

  test('has the types and shapes that ONNX Runtime computes', async () => {
    const graph = await make();
    const facts = verify(graph, 'test');
    const values = graph.nodes.flatMap(({ outputs }) => outputs);
    const model = await runInProcess(encodeGraph(graph, { producer: { name: 't', version: '0' }, observe: values }), {
      optimize: false,
    });
    const [fed] = graph.inputs;
    const dims = fed!.dims.map((dim) => (typeof dim === 'number' ? dim : 2));
    const count = dims.reduce((product, dim) => product * dim, 1);
    const zeros: Tensor =
      fed!.dtype === 'uint8'
        ? { dtype: 'uint8', dims, data: new Uint8Array(count) }
        : float32(dims, new Float32Array(count));
    const results = await model.run({ input: zeros }, values);
    await model.close();
    for (const value of values) {
      const fact = facts.get(value)!;
      expect([value, results[value]?.dtype, results[value]?.dims]).toEqual([
        value,
        fact.dtype,
        fact.dims.map((dim) => (dim === 'N' ? 2 : dim)),
      ]);
    }
  });
});
