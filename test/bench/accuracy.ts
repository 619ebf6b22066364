import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listPictures } from '../../src/node/image/list.ts';
import { readPicture } from '../../src/node/image/read-picture.ts';
import { fidelity } from '../../src/tensor/fidelity.ts';
import { avx2, native } from '../peers/emulate/machines.ts';
import { runModel } from '../peers/emulate/run-model.ts';
import { median } from './common/alternate.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10, DATA, workPath } from './common/folders.ts';
import { figure, report, say } from './common/report.ts';
import { type EvaluateResult, resedge, resedgeJson } from './common/resedge.ts';
import { decibels, percent } from './common/units.ts';

type Network = {
  readonly name: string;
  readonly file: string;
  readonly top1: number;
  readonly agreement: number;
  readonly sqnrDb: number;
};

const NETWORKS: readonly Network[] = [
  { name: 'ResNet-20', file: 'resnet20-12fca82f.th', top1: 0.8103, agreement: 0.982, sqnrDb: 27.5 },
  { name: 'ResNet-56', file: 'resnet56-4bfd9763.th', top1: 0.832, agreement: 0.98, sqnrDb: 26.5 },
];
/** How far top-1 may lie from the published weights' own. */
const TOP1_MARGIN = 0.0015;
const LABELS = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const CALIBRATION = 256;
/** Pixels on a side of the networks' input. */
const SIDE = 32;
/** Pictures in one inference on the emulated processor. */
const EMULATED_BATCH = 16;

const { seeds, limit, avx2: emulated } = wholeNumbers({ seeds: 1, limit: 10_000, avx2: 0 });

const pictures = { train: await cifar10('train'), test: await cifar10('test') };
const labels = workPath('cifar10.txt');
writeFileSync(labels, `${LABELS.join('\n')}\n`);

for (const network of NETWORKS) {
  await judge(network);
  if (emulated > 0) await judgeEmulated(network, emulated);
}

/** Converts a network's weights; returns the ONNX file's path. */
async function convert({ file }: Network, kind: string, ...flags: readonly string[]): Promise<string> {
  const output = workPath(`${basename(file, '.th')}-${kind}.onnx`);
  await resedge('convert', join(DATA, 'weights', file), '-o', output, '--labels', labels, ...flags);
  return output;
}

/** Converts to INT8, calibrated on a seeded sample of the training pictures. */
function int8(network: Network, scheme: string, seed: number): Promise<string> {
  const calibration = ['--calibrate', pictures.train, '--samples', `${CALIBRATION}`, '--seed', `${seed}`];
  return convert(network, `${scheme}-${seed}`, '--scheme', scheme, ...calibration);
}

async function judge(network: Network): Promise<void> {
  const fp32 = await convert(network, 'fp32', '--precision', 'fp32');
  const evaluate = (model: string, ...flags: readonly string[]): Promise<EvaluateResult> =>
    resedgeJson('evaluate', pictures.test, '--model', model, '--limit', `${limit}`, ...flags);
  say(`${network.name}: FP32 on ${limit} pictures`);
  const float = await evaluate(fp32);
  const integer: EvaluateResult[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    say(`${network.name}: INT8, calibrated with seed ${seed}`);
    integer.push(await evaluate(await int8(network, 'u8s8-safe', seed), '--reference', fp32));
  }
  const all = (of: (result: EvaluateResult) => number): readonly number[] => integer.map(of);
  const agreement = all((result) => result.agreement);
  const sqnrDb = all((result) => result.sqnrDb);
  report(`${network.name}, ${float.images} pictures, INT8 u8s8-safe, ${CALIBRATION} for calibration, ${seeds} seeds`, [
    {
      name: 'FP32 top-1',
      measured: percent(float.top1),
      goal: `${percent(network.top1)} +- ${percent(TOP1_MARGIN)}`,
      met: Math.abs(float.top1 - network.top1) <= TOP1_MARGIN,
    },
    { name: 'INT8 top-1, median', measured: percent(median(all((result) => result.top1))) },
    figure('INT8 agreement, median', median(agreement), 'at least', network.agreement, percent),
    { name: 'INT8 agreement, least', measured: percent(Math.min(...agreement)) },
    figure('INT8 SQNR, median', median(sqnrDb), 'at least', network.sqnrDb, decibels),
    { name: 'INT8 SQNR, least', measured: decibels(Math.min(...sqnrDb)) },
  ]);
}

/** The default scheme beside the one that ignores the hazard, on AVX2 without VNNI, where pairs of products saturate. */
async function judgeEmulated(network: Network, count: number): Promise<void> {
  const fp32 = await convert(network, 'fp32', '--precision', 'fp32');
  const { data, dims } = await testInputs(count);
  const logits = async (machine: typeof avx2, model: string): Promise<Float32Array> => {
    say(`${network.name}: ${basename(model)} on ${machine.name}`);
    const feeds = { input: { type: 'uint8' as const, dims, data } };
    const [output] = Object.values(await runModel(machine, { model, feeds, batch: EMULATED_BATCH }));
    if (!(output?.data instanceof Float32Array)) throw new Error(`expected float32 logits from ${model}`);
    return output.data;
  };
  const reference = await logits(native, fp32);
  const compared = async (machine: typeof avx2, scheme: string) => {
    const result = fidelity();
    const found = await logits(machine, await int8(network, scheme, 0));
    for (let i = 0; i < found.length; i += LABELS.length) {
      result.add(reference.subarray(i, i + LABELS.length), found.subarray(i, i + LABELS.length));
    }
    return { agreement: result.agreement(), sqnrDb: result.sqnrDb() };
  };
  const safe = await compared(avx2, 'u8s8-safe');
  const plain = await compared(avx2, 'u8s8');
  const here = await compared(native, 'u8s8-safe');
  report(`${network.name} on ${avx2.name} (emulated), ${dims[0]} pictures`, [
    figure('u8s8-safe SQNR', safe.sqnrDb, 'at least', network.sqnrDb, decibels),
    { name: 'u8s8-safe SQNR on this machine', measured: decibels(here.sqnrDb) },
    { name: 'u8s8-safe agreement', measured: percent(safe.agreement) },
    { name: 'u8s8-safe agreement on this machine', measured: percent(here.agreement) },
    { name: 'u8s8 agreement, which the hazard harms', measured: percent(plain.agreement) },
    { name: 'u8s8 SQNR, which the hazard harms', measured: decibels(plain.sqnrDb) },
  ]);
}

/** Every so many pictures of the test set, about `count` in all: RGB, [N, 32, 32, 3]. */
async function testInputs(
  count: number,
): Promise<{ readonly dims: readonly number[]; readonly data: Uint8Array<ArrayBuffer> }> {
  const all = await listPictures([pictures.test]);
  const stride = Math.max(1, Math.floor(all.length / count));
  const chosen = all.filter((_, index) => index % stride === 0);
  const data = new Uint8Array(chosen.length * SIDE * SIDE * 3);
  for (const [index, path] of chosen.entries()) {
    const pixels = await readPicture(path, { inputSize: SIDE, resize: SIDE });
    data.set(pixels.data, index * pixels.data.length);
  }
  return { dims: [chosen.length, SIDE, SIDE, 3], data };
}
