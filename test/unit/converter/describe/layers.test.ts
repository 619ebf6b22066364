import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type LayerTable, layerTable } from '../../../../converter/describe/layers.ts';
import { stepsOfGraph } from '../../../../converter/describe/steps.ts';
import { stepsOfModel } from '../../../../converter/describe/steps-of-model.ts';
import { SCHEMES } from '../../../../converter/quantize/scheme.ts';
import type { Architecture } from '../../../../converter/resnet/architecture.ts';
import { buildGraph } from '../../../../converter/resnet/build.ts';
import { expectedShapes } from '../../../../converter/resnet/check.ts';
import type { StoredTensor } from '../../../../converter/weights/types.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import type { Model, OnnxNode } from '../../../../src/onnx/schema.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { calibrated, convertFile, raw, SAFE } from '../conversions.ts';
import { architecture, seededFile } from '../networks.ts';

/** A network at its published size, known by the shapes of its tensors alone. */
function published(block: Architecture['block'], depths: readonly number[]): LayerTable {
  const of = architecture({ block, depths, inner: 64, stem: { kind: 'imagenet', width: 64 }, classes: 1000 });
  const read = (): never => {
    throw new Error('expected shapes alone to be looked at');
  };
  const tensors = new Map<string, StoredTensor>();
  for (const [name, dims] of expectedShapes(of)) tensors.set(name, { dtype: 'F32', dims, read });
  return layerTable(stepsOfGraph(buildGraph(of, tensors, 224), (name) => tensors.has(name)));
}

describe('published figures of torchvision', () => {
  // Parameters and GMACs (there called GFLOPS) as its page of models states them.
  test.each([
    ['resnet18', 'basic', [2, 2, 2, 2], 11_689_512, 1.814, 20],
    ['resnet34', 'basic', [3, 4, 6, 3], 21_797_672, 3.664, 36],
    ['resnet50', 'bottleneck', [3, 4, 6, 3], 25_557_032, 4.089, 53],
    ['resnet152', 'bottleneck', [3, 8, 36, 3], 60_192_808, 11.514, 155],
  ] as const)('%s', (_, block, depths, parameters, gmacs, convolutions) => {
    const { totals, layers, unknown } = published(block, depths);
    expect(totals.parameters).toBe(parameters);
    expect((totals.macs / 1e9).toFixed(3)).toBe(gmacs.toFixed(3));
    expect(layers.filter(({ op }) => op.startsWith('Conv+'))).toHaveLength(convolutions);
    expect(unknown).toEqual([]);
  });

  test('the layers of resnet50, and the largest sum of its activations', () => {
    const { layers, totals } = published('bottleneck', [3, 4, 6, 3]);
    expect(layers[0]).toEqual({
      ...{ name: 'conv1', op: 'Conv+BatchNormalization+Relu', output: [1, 64, 112, 112], parameters: 9408 + 128 },
      ...{ macs: 118_013_952, activationBytes: 4 * 64 * 112 * 112, precision: 'float32' },
    });
    // The two sides of the first block and their sum, 256 channels of 56 x 56 each.
    expect(totals).toMatchObject({ peakAt: 'layer1.0.add', peakActivationBytes: 4 * (256 + 256 + 256) * 56 * 56 });
  });
});

const byName = ({ layers }: LayerTable): ReadonlyMap<string, LayerTable['layers'][number]> =>
  new Map(layers.map((layer) => [layer.name, layer]));

describe('one network, however it is written, has one table:', () => {
  const bytes = seededFile({ depths: [1, 1] });
  const table = async (options: Parameters<typeof convertFile>[2]): Promise<LayerTable> =>
    layerTable(stepsOfModel(decodeModel((await convertFile(bytes, raw(32), options)).model)));
  const scheme = (name: 'u8s8' | 'u8s4') => ({ int8: calibrated(raw(32), { ...SAFE, scheme: SCHEMES[name] }) });
  const figures = (of: LayerTable): unknown[] =>
    of.layers
      .filter(({ name }) => /^(layer|fc)/.test(name))
      .map(({ name, output, parameters, macs }) => [name, output, parameters, macs]);

  test.each([
    ['float16', { fp16: {} }, 'float16', 2],
    ['INT8', scheme('u8s8'), 'int8', 1],
    ['INT8 with operators on integers', { ...scheme('u8s8'), file: { format: 'qoperator' } }, 'int8', 1],
    ['4-bit weights', scheme('u8s4'), 'int4', 1],
    ['a fixed batch of one', { file: { batch: 1 } }, 'float32', 4],
  ] as const)('%s', async (_, options, precision, bytesEach) => {
    const [float, other] = [await table({}), await table(options)];
    expect(other.unknown).toEqual([]);
    expect(figures(other)).toEqual(figures(float));
    expect(byName(other).get('layer1.0.conv1')).toMatchObject({ precision, activationBytes: bytesEach * 8 * 32 * 32 });
    expect(byName(float).get('layer1.0.conv1')).toMatchObject({ op: 'Conv+Relu', parameters: 8 * 8 * 9 + 8 });
  });
});

describe('models of others', () => {
  const node = (op: string, inputs: readonly string[], output: string, more: Partial<OnnxNode> = {}): OnnxNode => ({
    ...{ name: '', op, domain: '', inputs, outputs: [output], attributes: new Map(), ...more },
  });
  const model = (nodes: readonly OnnxNode[], values: Model['graph']['values'] = []): Model => ({
    ...{ irVersion: 8, opsets: [{ domain: '', version: 17 }], producerName: '', producerVersion: '' },
    metadata: new Map(),
    graph: {
      name: 'g',
      nodes,
      initializers: [{ name: 'w', ...float32([4, 3, 3, 3], new Float32Array(108)) }],
      inputs: [{ name: 'x', dtype: 'float32', dims: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'y', dtype: 'float32', dims: ['batch', 'n', 'h', 'w'] }],
      values,
    },
  });

  test('a file with a strange operator in the middle is listed all the same', () => {
    const nodes = [
      node('Conv', ['x', 'w'], 'a', { name: 'first' }),
      node('Fancy', ['a'], 'b', { domain: 'com.example' }),
      node('Conv', ['b', 'w'], 'c', { name: 'last' }),
      node('Relu', ['c'], 'y'),
    ];
    const { layers, unknown, totals } = layerTable(stepsOfModel(model(nodes)));
    expect(layers).toMatchObject([
      { name: 'first', output: [1, 4, 6, 6], parameters: 108, macs: 4 * 36 * 27 },
      { name: 'b', op: 'Fancy', output: null, macs: 0, activationBytes: null },
      // The weights are those of the first.
      { name: 'last', op: 'Conv+Relu', output: null, parameters: 0, macs: null },
    ]);
    expect(unknown).toEqual([{ name: 'b', op: 'Fancy', reason: expect.stringContaining('com.example.Fancy') }]);
    expect(totals).toMatchObject({ parameters: 108, macs: 4 * 36 * 27 });
  });

  test('what the file states of such an operator is believed', () => {
    const stated = [{ name: 'b', dtype: 'float32', dims: ['batch', 3, 6, 6] }] as const;
    const nodes = [node('Fancy', ['x'], 'b'), node('Conv', ['b', 'w'], 'y', { name: 'last' })];
    const { layers, unknown } = layerTable(stepsOfModel(model(nodes, stated)));
    expect(unknown).toEqual([]);
    expect(layers[1]).toMatchObject({ output: [1, 4, 4, 4], macs: 4 * 16 * 27 });
  });

  test.each(['float-conv', 'qdq-conv', 'wide'])('%s.onnx, of another tool', (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(`../../../golden/runtime/${name}.onnx`, import.meta.url)));
    const { layers, unknown } = layerTable(stepsOfModel(decodeModel(bytes)));
    expect(unknown).toEqual([]);
    expect(layers.length).toBeGreaterThan(0);
    for (const { output } of layers) expect(output).not.toBeNull();
  });
});
