import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeGraph } from '../../../../converter/exchange/encode-graph.ts';
import type { Graph } from '../../../../converter/graph/graph.ts';
import { viewOf } from '../../../../converter/graph/view.ts';
import { learnQuantized } from '../../../../converter/learn-quantized.ts';
import { readNetwork } from '../../../../converter/network.ts';
import { applyPasses, FOLD, inputPasses } from '../../../../converter/passes/index.ts';
import { pixelStatistics } from '../../../../converter/pixel-statistics.ts';
import { modelInput, probePicture } from '../../../../converter/probe.ts';
import { applyPlan } from '../../../../converter/quantize/apply.ts';
import { channelFacts } from '../../../../converter/quantize/channel-facts.ts';
import { type FakeQuantized, fakeQuantized } from '../../../../converter/quantize/fake.ts';
import { planQuantization } from '../../../../converter/quantize/index.ts';
import { PAIR_LIMIT, pairLimits, pairSum } from '../../../../converter/quantize/pairs.ts';
import type { QuantizationPlan } from '../../../../converter/quantize/plan.ts';
import { SCHEMES, type SchemeName, storesPixels, weightMax } from '../../../../converter/quantize/scheme.ts';
import type { Statistics } from '../../../../converter/quantize/statistics.ts';
import { storedInput } from '../../../../converter/quantize/stored.ts';
import { parseTable } from '../../../../converter/quantize/table.ts';
import { weightedLayers } from '../../../../converter/quantize/weighted.ts';
import { floats } from '../../../../converter/runner.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';
import { float32 } from '../../../../src/tensor/tensor.ts';
import { largestDifference, raw } from '../conversions.ts';
import { uniform } from '../random.ts';
import { runInProcess } from '../runner.ts';
import { producer } from './observed.ts';

const bundled = (file: string): Buffer =>
  readFileSync(new URL(`../../../../models/resnet20-cifar10/${file}`, import.meta.url));
const SIZE = 32;
const PICTURES = [1, 2, 3].map((seed) => modelInput(probePicture(SIZE, seed), raw(SIZE)));
const network = readNetwork(new Uint8Array(bundled('resnet20-cifar10.safetensors')), 'auto');
const folded = applyPasses(network.build(SIZE), FOLD);
const table = parseTable(bundled('calibration.json').toString()).statistics;

type Planned = { readonly graph: Graph; readonly plan: QuantizationPlan; readonly statistics: Statistics };

/** The bundled network as it takes raw pictures, and what the quantizer decides for it. */
function planned(name: SchemeName): Planned {
  const scheme = SCHEMES[name];
  const graph = applyPasses(folded, inputPasses(raw(SIZE), storesPixels(scheme)));
  const statistics = new Map([...table, ...pixelStatistics(raw(SIZE), table)]);
  const recipe = { scheme, method: 'auto', corrections: ['bias', 'streams'] } as const;
  return { graph, plan: planQuantization(graph, { statistics, covariances: new Map() }, recipe), statistics };
}

/** What weights and biases come to that learning moves by up to `steps` of their own scales. */
function moved({ graph, trainable }: FakeQuantized, steps: number): ReadonlyMap<string, Float32Array> {
  const random = uniform(7);
  const values = new Map<string, Float32Array>();
  for (const name of trainable) {
    const data = floatsIn(graph, name);
    const scales = graph.constants.has(`${name}.scale`) ? floatsIn(graph, `${name}.scale`) : new Float32Array(1);
    const row = data.length / scales.length;
    const step = (i: number): number => scales[Math.floor(i / row)] ?? 0;
    values.set(
      name,
      data.map((value, i) => value + steps * (2 * random() - 1) * step(i)),
    );
  }
  return values;
}

function floatsIn(graph: Graph, name: string): Float32Array {
  const found = graph.constants.get(name);
  if (found?.dtype !== 'float32') throw new Error(`expected float32 ${name}, found ${found?.dtype}`);
  return found.read();
}

/** Learns as told, and the plan that comes of it. */
async function learnt({ graph, plan, statistics }: Planned, scheme: SchemeName, steps: number): Promise<Planned> {
  const judge = async () => ({ overall: { agreement: 1, sqnrDb: 1 }, each: [] });
  const how = { epochs: 1, pictures: 1, learningRate: 0.1, seed: 0 };
  const learn = async (fake: FakeQuantized) => ({ weights: moved(fake, steps), how });
  const stored = await learnQuantized(graph, plan, { scheme: SCHEMES[scheme], statistics, judge, learn });
  return { ...stored, statistics };
}

/** Logits of the pictures, computed node by node. */
async function logitsOf(graph: Graph, inputs: readonly Tensor[]): Promise<readonly Float32Array[]> {
  const session = await runInProcess(encodeGraph(graph, { producer }), { optimize: false });
  const [logits = ''] = graph.outputs;
  const found: Float32Array[] = [];
  for (const input of inputs) found.push(floats(await session.run({ input }, [logits]), logits));
  await session.close();
  return found;
}

const asFloats = ({ dims, data }: Tensor): Tensor => float32(dims, Float32Array.from(data as Uint8Array));

describe.each(['u8s8-safe', 'u8s4', 's8s8'] as const)('fake quantization by %s', (scheme) => {
  const { graph, plan, statistics } = planned(scheme);
  const fake = fakeQuantized(graph, plan, SCHEMES[scheme]);

  test('says before learning what the quantized network says', async () => {
    const expected = await logitsOf(applyPlan(graph, plan), PICTURES);
    const found = await logitsOf(fake.graph, PICTURES.map(asFloats));
    for (const [i, logits] of expected.entries()) {
      const range = Math.max(...logits) - Math.min(...logits);
      expect(largestDifference(found[i]!, logits)).toBeLessThan(1e-4 * range);
    }
  });

  test('has weights and biases of every layer to learn, and nothing else', () => {
    const layers = weightedLayers(graph).map(({ name }) => name);
    expect([...fake.trainable].sort()).toEqual(layers.flatMap((name) => [`${name}.bias`, `${name}.weight`]).sort());
    expect(Math.max(...fake.rates.values())).toBe(1);
    expect(Math.min(...fake.rates.values())).toBeGreaterThan(0);
  });

  test('what has not learnt is stored as it was, corrections of the mean included', async () => {
    const { plan: after } = await learnt({ graph, plan, statistics }, scheme, 0);
    for (const [name, { data, scales, bias }] of plan.layers) {
      const stored = after.layers.get(name)!;
      expect(Buffer.from(stored.data).equals(Buffer.from(data)), name).toBe(true);
      expect(stored.scales).toEqual(scales);
      const found = stored.bias ?? [];
      // Float32 holds the large ones of them to the last step or two.
      expect(Math.max(...bias!.map((q, row) => Math.abs(q - found[row]!) / Math.max(1e6, Math.abs(q))))).toBeLessThan(
        1e-6,
      );
    }
  });

  test('what has learnt is stored in the steps that it learnt with', async () => {
    const { plan: after } = await learnt({ graph, plan, statistics }, scheme, 2);
    const values = moved(fake, 2);
    const max = weightMax(SCHEMES[scheme]);
    let [changed, elsewhere, all] = [0, 0, 0];
    for (const [name, { data, scales }] of after.layers) {
      expect(scales).toEqual(plan.layers.get(name)?.scales);
      const row = data.length / scales.length;
      for (const [i, value] of values.get(`${name}.weight`)!.entries()) {
        const wanted = Math.max(-max, Math.min(max, Math.round(value / scales[Math.floor(i / row)]!)));
        all++;
        if (wanted !== plan.layers.get(name)?.data[i]) changed++;
        if (Math.abs(wanted - data[i]!) > 0) elsewhere++;
      }
    }
    expect(changed).toBeGreaterThan(all / 4);
    // Pairs of products that would leave int16 give way.
    expect(elsewhere).toBeLessThanOrEqual(scheme === 'u8s8-safe' ? all / 100 : 0);
  });
});

test('pairs of products stay in int16 after learning by u8s8-safe', async () => {
  const before = planned('u8s8-safe');
  const { plan } = await learnt(before, 'u8s8-safe', 60);
  const view = viewOf(before.graph);
  let [pairs, close] = [0, 0];
  for (const { name, input, rows, channels, groups, kernel } of weightedLayers(before.graph)) {
    const { data } = plan.layers.get(name)!;
    const parameters = storedInput(view, plan.activations, input);
    const { peak } = channelFacts(parameters, before.statistics.get(input), channels * groups);
    const limits = pairLimits({ channels, height: kernel[0], width: kernel[1] }, peak);
    const size = data.length / rows;
    for (let r = 0; r < rows; r++) {
      const q = data.subarray(r * size, (r + 1) * size);
      for (const [i, j] of limits.partner.entries()) {
        if (j < i) continue;
        const sum = pairSum(limits, q, i, j);
        if (sum > PAIR_LIMIT) expect.fail(`${name}: ${sum} in row ${r}`);
        pairs++;
        if (sum > 0.95 * PAIR_LIMIT) close++;
      }
    }
  }
  expect(pairs).toBeGreaterThan(100_000);
  expect(close).toBeGreaterThan(100);
});
