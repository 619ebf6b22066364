import { expect, test } from 'vitest';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { SCHEMES, type SchemeName } from '../../../../converter/quantize/scheme.ts';
import { TARGETS } from '../../../../converter/targets/target.ts';
import { decodeModel } from '../../../../src/onnx/decode.ts';
import type { Model, OnnxNode } from '../../../../src/onnx/schema.ts';
import type { Preprocessing } from '../../../../src/tensor/preprocessing.ts';
import { type Converted, calibrated, classic, convertFile, largestDifference, raw, SAFE } from '../conversions.ts';
import { seededFile } from '../networks.ts';
import { logitsOf } from '../runner.ts';

const weights = seededFile({ depths: [1, 1], head: 'linear' });

type Both = { readonly plain: Converted; readonly formed: Converted };
const made = new Map<string, Promise<Both>>();

/** The same conversion in a target's form and in none, made once. */
function both(name: 'tensorrt' | 'qnn', scheme: SchemeName, preprocessing: Preprocessing): Promise<Both> {
  const key = `${name} ${scheme}`;
  const found = made.get(key) ?? convertBoth(name, scheme, preprocessing);
  made.set(key, found);
  return found;
}

async function convertBoth(name: 'tensorrt' | 'qnn', scheme: SchemeName, preprocessing: Preprocessing) {
  const { form } = TARGETS[name];
  const convert = async (options: object) =>
    await convertFile(weights, preprocessing, {
      int8: calibrated(preprocessing, { ...SAFE, scheme: SCHEMES[scheme] }),
      ...options,
    });
  return { plain: await convert({}), formed: await convert({ form, file: { batch: 1 } }) };
}

function producers({ graph }: Model): ReadonlyMap<string, OnnxNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

test('TensorRT: no int32 to dequantize, bytes cast first, one input of every addition stored', async () => {
  const { plain, formed } = await both('tensorrt', 's8s8', raw(32));
  const model = decodeModel(formed.model);
  const { nodes, initializers } = model.graph;
  expect(initializers.filter(({ dtype }) => dtype === 'int32')).toEqual([]);
  expect(decodeModel(plain.model).graph.initializers.filter(({ dtype }) => dtype === 'int32')).not.toEqual([]);
  const zeroPoints = initializers.filter(({ name }) => name.endsWith('.zero_point'));
  expect(zeroPoints.length).toBeGreaterThan(0);
  for (const { dtype, data } of zeroPoints) expect([dtype, [...data].some(Boolean)]).toEqual(['int8', false]);
  expect(nodes.slice(0, 2).map(({ op }) => op)).toEqual(['Cast', 'Transpose']);
  const producer = producers(model);
  const sums = nodes.filter(({ op }) => op === 'Add');
  expect(sums).toHaveLength(2);
  for (const { inputs } of sums) {
    expect(inputs.map((name) => producer.get(name)?.op).sort()).toEqual(['Conv', 'DequantizeLinear']);
  }
});

test('TensorRT: a file in that form is no less faithful, and judged in it', async () => {
  const { plain, formed } = await both('tensorrt', 's8s8', raw(32));
  expect(formed.int8?.judgement).not.toEqual(plain.int8?.judgement);
  const { model: float } = await convertFile(weights, raw(32));
  let [without, within] = [0, 0];
  for (const seed of [1, 2, 3, 4]) {
    const input = modelInput(probePicture(32, seed), raw(32));
    const exact = await logitsOf(float, input);
    without += largestDifference(exact, await logitsOf(plain.model, input));
    within += largestDifference(exact, await logitsOf(formed.model, input));
  }
  expect(within).toBeLessThan(1.1 * without);
});

test.each([
  ['u8s8', 0.05],
  ['u16s8', 0.001],
] as const)(
  'QNN, %s: every node stands between DequantizeLinear and QuantizeLinear, shapes are fixed',
  async (scheme, step) => {
    const { plain, formed } = await both('qnn', scheme, classic(32));
    const model = decodeModel(formed.model);
    const { nodes, inputs, outputs } = model.graph;
    const producer = producers(model);
    const read = (name: string): readonly string[] =>
      nodes.filter((node) => node.inputs.includes(name)).map(({ op }) => op);
    const computing = nodes.filter(({ op }) => !['QuantizeLinear', 'DequantizeLinear'].includes(op));
    expect(computing.map(({ op }) => op)).not.toContain('Relu');
    for (const node of computing) {
      for (const name of node.inputs) expect([name, producer.get(name)?.op]).toEqual([name, 'DequantizeLinear']);
      expect(node.outputs.flatMap(read)).toEqual(['QuantizeLinear']);
    }
    expect(inputs[0]).toMatchObject({ dtype: 'float32', dims: [1, 3, 32, 32] });
    expect(outputs[0]?.dims).toEqual([1, 10]);
    const input = modelInput(probePicture(32, 1), classic(32));
    const expected = await logitsOf(plain.model, input);
    const found = await logitsOf(formed.model, input);
    const range = Math.max(...expected) - Math.min(...expected);
    expect(largestDifference(found, expected)).toBeLessThan(step * range);
  },
);

test('QNN: a head that stays in float is left alone', async () => {
  const form = TARGETS.qnn.form;
  const { model } = await convertFile(weights, classic(32), form ? { form } : {});
  expect(decodeModel(model).graph.nodes.map(({ op }) => op)).not.toContain('QuantizeLinear');
});

test('OpenVINO: raw pixels are quantized like any value', async () => {
  const int8 = { ...calibrated(raw(32)), centresPixels: TARGETS.openvino.centresPixels };
  const { model } = await convertFile(weights, raw(32), { int8 });
  const { nodes } = decodeModel(model).graph;
  expect(nodes.slice(0, 5).map(({ op }) => op)).toEqual([
    ...['Transpose', 'Cast', 'Sub', 'QuantizeLinear', 'DequantizeLinear'],
  ]);
});

test('what goes in and comes out is told', async () => {
  const { ports } = await convertFile(weights, raw(32), { file: { batch: 2 } });
  expect(ports).toEqual({
    input: { name: 'input', dtype: 'uint8', dims: [2, 32, 32, 3] },
    scores: { name: 'linear', dtype: 'float32', dims: [2, 10] },
  });
  expect((await convertFile(weights, classic(32))).ports.input.dims).toEqual(['N', 3, 32, 32]);
});
