import { describe, expect, test } from 'vitest';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { verify } from '../../../../converter/graph/verify.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { emulateHalf } from '../../../../converter/passes/emulate-half.ts';
import { halfGraph } from '../../../../converter/passes/half.ts';
import { planHalf } from '../../../../converter/passes/half-plan.ts';
import { applyPasses, FOLD, inputPasses } from '../../../../converter/passes/index.ts';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import { concat } from '../../../../src/onnx/encode.ts';
import { fromHalf, toHalf } from '../../../../src/tensor/half.ts';
import { convertFile, raw } from '../conversions.ts';
import { type NamedTensors, seededFile } from '../networks.ts';
import { logitsOf, runInProcess } from '../runner.ts';

const producer = { name: 'resedge', version: '0.0.0' };
const preprocessing = raw(32);

function network(edit: (tensors: NamedTensors) => void = () => {}): Graph {
  const { architecture, weights } = readNetwork(seededFile({ depths: [1, 1] }, 1, edit), 'auto');
  const folded = applyPasses(buildGraph(architecture, weights.tensors, 32), FOLD);
  return applyPasses(folded, inputPasses(preprocessing, false));
}

const scaled = (tensor: string, factor: number) => (tensors: NamedTensors) => {
  const data = tensors.get(tensor)?.data ?? new Float32Array();
  for (let i = 0; i < data.length; i++) data[i]! *= factor;
};

const typesOf = (graph: Graph, wanted: string): readonly string[] =>
  [...verify(graph, 'test')].filter(([, { dtype }]) => dtype === wanted).map(([name]) => name);

test('weights and values are float16, the interface is not, and Casts stand at the edges alone', () => {
  const graph = halfGraph(network(), new Set());
  expect(graph.inputs).toMatchObject([{ name: 'input', dtype: 'uint8' }]);
  expect(graph.outputs).toEqual(['fc']);
  // What is subtracted from the pixels is exact; every number after it is float16.
  expect(typesOf(graph, 'float32')).toEqual(['pixels.mean', 'pixels.float', 'pixels.centred', 'fc']);
  const casts = graph.nodes
    .filter(({ op }) => op.kind === 'Cast')
    .map(({ inputs, outputs }) => [...inputs, ...outputs]);
  expect(casts).toEqual([
    ['pixels', 'pixels.float'],
    ['pixels.centred', 'pixels.centred.half'],
    ['fc.half', 'fc'],
  ]);
});

test('weights are read when they are asked for, and not before', () => {
  const float = network();
  let reads = 0;
  const counted: Graph = {
    ...float,
    constants: new Map(
      [...float.constants].map(([name, constant]) => {
        const read = (): never => {
          reads++;
          return constant.read() as never;
        };
        return [name, { ...constant, read }];
      }),
    ),
  };
  const graph = halfGraph(counted, new Set());
  expect(reads).toBe(0);
  const weight = float.constants.get('conv1.weight')?.read() as Float32Array;
  expect(graph.constants.get('conv1.weight')?.read()).toEqual(toHalf(weight));
  expect(reads).toBe(1);
});

test('a layer that stays in float32 has its Casts around it, and its weights as they were', () => {
  const float = network();
  const graph = halfGraph(float, new Set(['layer1.0.conv1']));
  expect(graph.nodes.find(({ name }) => name === 'layer1.0.conv1')?.inputs).toEqual([
    'relu.single',
    'layer1.0.conv1.weight',
    'layer1.0.conv1.bias',
  ]);
  expect(graph.constants.get('layer1.0.conv1.weight')).toBe(float.constants.get('layer1.0.conv1.weight'));
  expect(graph.nodes.find(({ name }) => name === 'layer1.0.relu1')?.inputs).toEqual(['layer1.0.conv1.half']);
});

test('the emulation rounds every value, which a CPU leaves out', async () => {
  const graph = halfGraph(network(), new Set());
  const emulated = emulateHalf(graph);
  const names = typesOf(graph, 'float16').filter((name) => !graph.constants.has(name));
  const session = await runInProcess(encodeGraph(emulated, { producer, observe: names }), { optimize: true });
  const values = await session.run({ input: modelInput(probePicture(32, 1), preprocessing) });
  await session.close();
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    const data = values[name]?.data as Float32Array;
    expect(fromHalf(toHalf(data)), name).toEqual(data);
  }
});

describe('what float16 cannot hold stays in float32:', () => {
  const kept = (graph: Graph, peaks: ReadonlyMap<string, number> = new Map()) => planHalf(graph, peaks);

  test('nothing, where all is well', () => {
    expect(kept(network(), new Map([['relu', 10_000]]))).toEqual([]);
  });

  test('weights beyond its range', () => {
    const reason = expect.stringMatching(/^fc\.weight reaches \d\.\d\de\+5, beyond float16's 65504$/);
    expect(kept(network(scaled('fc.weight', 1e6)))).toEqual([{ name: 'fc', reason }]);
  });

  test('weights with few digits left', () => {
    const reason = expect.stringMatching(/^fc\.weight is at most \d\.\d\de-7, too small for float16 to hold exactly/);
    expect(kept(network(scaled('fc.weight', 1e-6)))).toEqual([{ name: 'fc', reason }]);
    expect(kept(network(scaled('fc.weight', 0)))).toEqual([]);
  });

  test('a value near its limit: the node that makes it, and those that read it', () => {
    const names = kept(network(), new Map([['relu', 40_000]])).map(({ name, reason }) => {
      expect(reason).toBe("relu reaches 4.00e+4, too near float16's limit of 65504");
      return name;
    });
    expect(names).toEqual(['relu', 'layer1.0.conv1', 'layer1.0.add']);
  });
});

/** A stream of residuals 10^6 times as large, which the second stage takes off again. */
function loud(tensors: NamedTensors): void {
  for (const name of tensors.keys()) {
    if (/^(bn1|layer1.*bn2)\.(weight|bias)$/.test(name)) scaled(name, 1e6)(tensors);
  }
}

test('a network whose values leave float16 is as good as FP32 with those in float32, and useless without', async () => {
  const spoilt = encodeGraph(emulateHalf(halfGraph(network(loud), new Set())), { producer });
  const logits = await logitsOf(concat(spoilt), modelInput(probePicture(32, 1), preprocessing));
  expect(logits.every(Number.isFinite)).toBe(false);
  const { fp16 } = await convertFile(seededFile({ depths: [1, 1] }, 1, loud), preprocessing, { fp16: {} });
  expect(fp16?.single.map(({ name }) => name)).toEqual(expect.arrayContaining(['conv1', 'relu', 'layer1.0.add']));
  expect(fp16?.judgement).toMatchObject({ agreement: 1, generated: true });
  expect(fp16?.judgement.sqnrDb).toBeGreaterThan(55);
});
