import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { SCHEMES } from '../../../../converter/quantize/scheme.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import type { NamedTensor } from '../../../../src/onnx/schema.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { type Converted, calibrated, classic, convertFile, largestDifference, raw, SAFE } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { executedOps, logitsOf } from '../runner.ts';

const resnet18 = new Uint8Array(
  readFileSync(new URL('../../../golden/weights/resnet18.fp16.safetensors', import.meta.url)),
);
const bottleneck = seededFile({ block: 'bottleneck', depths: [1, 2], stem: { kind: 'imagenet', width: 8 } });
const resnext = seededFile({
  ...{ block: 'bottleneck', depths: [1, 1], inner: 16, expansion: 2, groups: 4 },
  stem: { kind: 'imagenet', width: 16 },
});
const optionA = seededFile({ depths: [1, 1, 1], shortcut: { kind: 'pad' }, head: 'linear' });

type Expected = { readonly convolutions: number; readonly adds: number; readonly pools: number; readonly head: string };

const networks: readonly (readonly [string, Uint8Array, number, Expected])[] = [
  ['resnet18', resnet18, 64, { convolutions: 20, adds: 8, pools: 1, head: 'fc' }],
  ['a bottleneck network', bottleneck, 64, { convolutions: 12, adds: 3, pools: 1, head: 'fc' }],
  ['a network of grouped convolutions', resnext, 64, { convolutions: 9, adds: 2, pools: 1, head: 'fc' }],
  ['option A with the head linear', optionA, 32, { convolutions: 9, adds: 3, pools: 0, head: 'linear' }],
];
const inputs: readonly (readonly [string, (size: number) => Preprocessing, Readonly<Record<string, number>>])[] = [
  ['bytes', (size) => raw(size), { Pad: 1, Transpose: 1 }],
  ['bytes, mean 0', (size) => raw(size, { mean: [0, 0, 0] }), { Pad: 1, Transpose: 1 }],
  ['float NCHW', (size) => classic(size), { QuantizeLinear: 1, Transpose: 2 }],
  ['float NHWC', (size) => classic(size, { layout: 'nhwc' }), { QuantizeLinear: 1, Transpose: 1 }],
];

describe.each(networks)('%s in INT8', (_, file, size, { convolutions, adds, pools, head }) => {
  describe.each(inputs)('fed %s', (__, preprocessingOf, boundary) => {
    const preprocessing = preprocessingOf(size);
    const input = modelInput(probePicture(size, 1), preprocessing);
    let converted: Converted;
    beforeAll(async () => {
      converted = await convertFile(file, preprocessing, { int8: calibrated(preprocessing) });
    });

    test('runs in integers from the boundary to the logits', async () => {
      expect(await executedOps(converted.model, input)).toEqual({
        ...boundary,
        QLinearConv: convolutions,
        QLinearAdd: adds,
        ...(pools > 0 ? { NhwcMaxPool: pools } : {}),
        QLinearGlobalAveragePool: 1,
        Flatten: 1,
        QGemm: 1,
      });
    });

    test("has a bias scale of exactly the input's times the weight's in every layer", () => {
      const { graph } = decodeModel(converted.model);
      const tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
      const producers = new Map(graph.nodes.map((node) => [node.outputs[0] ?? '', node]));
      const scaleOf = (value: string): Float32Array => floats(tensors.get(producers.get(value)?.inputs[1] ?? ''));
      let layers = 0;
      for (const {
        op,
        inputs: [x = '', w = '', b],
      } of graph.nodes) {
        if ((op !== 'Conv' && op !== 'Gemm') || b === undefined) continue;
        layers++;
        const [inputScale = 0] = scaleOf(x);
        expect(scaleOf(b)).toEqual(scaleOf(w).map((scale) => Math.fround(inputScale * scale)));
      }
      expect(layers).toBe(convolutions + 1 - (file === optionA ? 2 : 0));
    });

    test('follows FP32, in integers as in the arithmetic that the file spells out', async () => {
      const { layers } = converted.int8!;
      expect(layers.at(-1)?.name).toBe(head);
      expect(layers.at(-1)?.sqnrDb).toBeGreaterThan(22);
      expect(Math.min(...layers.map(({ sqnrDb }) => sqnrDb))).toBeGreaterThan(15);
      const fused = await logitsOf(converted.model, input);
      const spelled = await logitsOf(converted.model, input, 'disabled');
      const peak = Math.max(...fused.map(Math.abs));
      expect(largestDifference(fused, spelled)).toBeLessThan(peak * 0.02);
    });
  });
});

function floats(tensor: NamedTensor | undefined): Float32Array {
  if (tensor?.dtype !== 'float32') throw new Error(`expected float32, found ${tensor?.dtype} ${tensor?.name}`);
  return tensor.data;
}

test("option A's shortcuts copy their input's integers", async () => {
  const { int8 } = await convertFile(optionA, raw(32), { int8: calibrated(raw(32)) });
  const { activations, layers } = int8!.plan;
  for (const block of ['layer2.0', 'layer3.0']) {
    const { data, scales } = layers.get(`${block}.shortcut`)!;
    expect(new Set(data)).toEqual(new Set([0, 127]));
    expect(new Set(scales)).toContain(Math.fround(1 / 127));
    const shared = activations.get(`${block}.shortcut`);
    const from = activations.get(`${block === 'layer2.0' ? 'layer1.0' : 'layer2.0'}.relu`);
    expect([shared?.scale, shared?.zeroPoint]).toEqual([from?.scale, from?.zeroPoint]);
  }
});

describe('the schemes', () => {
  const preprocessing = raw(32);
  const sqnr = async (scheme: keyof typeof SCHEMES): Promise<number> => {
    const recipe = { ...SAFE, scheme: SCHEMES[scheme] };
    const { int8, model, metadata } = await convertFile(optionA, preprocessing, {
      int8: calibrated(preprocessing, recipe),
    });
    expect(metadata).toMatchObject({ scheme, precision: 'int8' });
    const { opsets, graph } = decodeModel(model);
    expect(opsets).toEqual([{ domain: '', version: scheme === 'u16s8' ? 21 : 17 }]);
    const zeroPoint = graph.initializers.find(({ name }) => name === 'layer1.0.relu.zero_point');
    expect(zeroPoint?.dtype).toBe(SCHEMES[scheme].activation.dtype);
    if (scheme === 's8s8') expect(Number(zeroPoint?.data[0])).toBe(0);
    return int8!.layers.at(-1)!.sqnrDb;
  };

  test('all run; the portable one follows FP32 anywhere, and 16-bit activations follow closest', async () => {
    const safe = await sqnr('u8s8-safe');
    expect(safe).toBeGreaterThan(25);
    expect(await sqnr('u16s8')).toBeGreaterThan(safe + 1);
    // These two are right only where the processor's kernels are exact.
    expect(await sqnr('u8s8')).toBeGreaterThan(0);
    expect(await sqnr('s8s8')).toBeGreaterThan(0);
  });
});
