import { print, table } from '../../src/cli/print.ts';
import { accumulatorHazard } from '../../src/device/hazard.ts';
import { readMachine } from '../../src/node/device/machine.ts';
import { listPictures } from '../../src/node/image/list.ts';
import { sample } from '../../src/node/model/sample.ts';
import { indexOfLargest } from '../../src/tensor/fidelity.ts';
import type { Machine } from '../peers/emulate/machine.ts';
import { avx2, native } from '../peers/emulate/machines.ts';
import {
  CALIBRATION,
  convertPublished,
  type Goal,
  NETWORKS,
  type Network,
  type Pictures,
  readPictures,
  testPictures,
} from './common/cifar.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10 } from './common/folders.ts';
import { compareLogits, logitsAt, logitsOf, type ModelFile } from './common/logits.ts';
import {
  describeSettings,
  NNCF_DEFAULT,
  NNCF_SETTINGS,
  onnxRuntimeSettings,
  quantizedByOthers,
  type Settings,
} from './common/quantized.ts';
import { say } from './common/report.ts';

/** Mean over the seeds, the least and the most. */
type Spread = { readonly mean: number; readonly least: number; readonly most: number };
type Score = { readonly sqnrDb: number; readonly agreement: number; readonly drop: number };
type Quantizer = {
  readonly name: string;
  /** The model that it makes of a network with the pictures of a seed. */
  readonly quantized: (seed: number) => Promise<ModelFile>;
  /** False where pictures have no part in it. */
  readonly seeded: boolean;
  readonly goal?: Goal | undefined;
};

const { seeds, limit, avx2: emulated, choose } = wholeNumbers({ seeds: 5, limit: 10_000, avx2: 300, choose: 2000 });

const train = await cifar10('train');
const listed = await listPictures([train]);
const tested = await testPictures(limit);
const choosing = await testPictures(Math.min(limit, choose));
const onAvx2 = emulated === 0 ? undefined : await testPictures(emulated);

const { arch, cpuFeatures } = readMachine();
const kernels = accumulatorHazard(arch, cpuFeatures) === 'none' ? 'exact kernels' : 'kernels whose sums saturate';
for (const network of NETWORKS) await compare(network);

async function compare(network: Network): Promise<void> {
  const path = await convertPublished(network, 'fp32-float', '--precision', 'fp32', '--input', 'float');
  const fp32: ModelFile = { path, input: 'float' };
  const reference = await logitsOf(fp32, native, tested);
  const rows: (readonly string[])[] = [];
  for (const quantizer of [...ours(network), ...(await others(network, fp32))]) rows.push(await row(quantizer, fp32));
  const float = percent(top1(reference, tested.classes));
  print(`${network.name}, FP32 top-1 ${float} %, ${tested.count} test pictures on ${kernels}`);
  print(`mean (least to most) of ${seeds} samples of ${CALIBRATION} pictures`);
  if (onAvx2) print(`${avx2.name}, emulated (beside this machine): the first sample, ${onAvx2.count} test pictures`);
  const head = [
    '',
    'SQNR, dB',
    'agreement, %',
    'top-1 drop, points',
    ...(onAvx2 ? ['AVX2, dB', 'AVX2, %'] : []),
    'goal',
  ];
  print(`${table([head, ...rows])}\n`);
}

function ours(network: Network): readonly Quantizer[] {
  const { int8, none, u8s4 } = network.goals;
  const pictures = ['--calibrate', train, '--samples', `${CALIBRATION}`];
  const by =
    (kind: string, ...flags: readonly string[]) =>
    async (seed: number): Promise<ModelFile> => {
      say(`${network.name}: resedge, ${kind}, sample ${seed}`);
      const path = await convertPublished(network, `${kind}-${seed}`, ...flags, '--seed', `${seed}`);
      return { path, input: 'raw' };
    };
  return [
    { name: 'resedge', seeded: true, quantized: by('int8', ...pictures), goal: int8 },
    { name: 'resedge, --calibrate none', seeded: false, quantized: by('none', '--calibrate', 'none'), goal: none },
    {
      name: 'resedge, --scheme u8s4',
      seeded: true,
      quantized: by('u8s4', ...pictures, '--scheme', 'u8s4'),
      goal: u8s4,
    },
  ];
}

/** The other quantizers, each with the settings that have the highest SQNR on the first sample and some of the test pictures. */
async function others(network: Network, fp32: ModelFile): Promise<readonly Quantizer[]> {
  const by = (title: string, settings: Settings): Quantizer => ({
    name: `${title}${describeSettings(settings)}`,
    seeded: true,
    quantized: async (seed) => {
      const [path = ''] = await quantizedByOthers(fp32.path, await calibration(seed), [settings]);
      return { path, input: 'float' };
    },
  });
  const best = async (among: readonly Settings[]): Promise<Settings> => {
    const paths = await quantizedByOthers(fp32.path, await calibration(0), among);
    const found: number[] = [];
    for (const [index, path] of paths.entries()) {
      const { sqnrDb } = await score({ path, input: 'float' }, fp32, native, choosing);
      say(`${network.name}: ${describeSettings(among[index]!)}: ${sqnrDb.toFixed(2)} dB`);
      found.push(sqnrDb);
    }
    return among[indexOfLargest(found)]!;
  };
  return [
    by('ONNX Runtime: ', await best(onnxRuntimeSettings(false))),
    by('ONNX Runtime, reduce_range: ', await best(onnxRuntimeSettings(true))),
    by('NNCF, default: ', NNCF_DEFAULT),
    by('NNCF: ', await best(NNCF_SETTINGS)),
  ];
}

/** The pictures that `resedge convert --seed` draws. */
async function calibration(seed: number): Promise<Pictures> {
  return await readPictures(sample(listed, CALIBRATION, seed));
}

async function row({ name, seeded, quantized, goal }: Quantizer, fp32: ModelFile): Promise<readonly string[]> {
  const scores: Score[] = [];
  let first: ModelFile | undefined;
  for (let seed = 0; seed < (seeded ? seeds : 1); seed++) {
    const model = await quantized(seed);
    first ??= model;
    scores.push(await score(model, fp32, native, tested));
  }
  const [sqnrDb, agreement, drop] = (['sqnrDb', 'agreement', 'drop'] as const).map((key) =>
    spread(scores.map((one) => one[key])),
  );
  const cells = [name, written(sqnrDb!, decibels), written(agreement!, percent), written(drop!, percent)];
  if (onAvx2 && first) {
    const there = await score(first, fp32, avx2, onAvx2);
    const here = await score(first, fp32, native, onAvx2);
    cells.push(beside(there.sqnrDb, here.sqnrDb, decibels), beside(there.agreement, here.agreement, percent));
  }
  say(cells.join('; '));
  return [...cells, goal ? verdict(goal, sqnrDb!.mean, agreement!.mean, drop!.mean) : ''];
}

/** A model on a machine beside FP32 on this one. */
async function score(
  model: ModelFile,
  fp32: ModelFile,
  machine: Machine,
  pictures: Pictures & { readonly classes: readonly number[] },
): Promise<Score> {
  const reference = await logitsOf(fp32, native, pictures);
  const found = await logitsOf(model, machine, pictures);
  const drop = top1(reference, pictures.classes) - top1(found, pictures.classes);
  return { ...compareLogits(reference, found), drop };
}

function top1(logits: Float32Array, classes: readonly number[]): number {
  return classes.filter((label, i) => indexOfLargest(logitsAt(logits, i)) === label).length / classes.length;
}

function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, least: Math.min(...values), most: Math.max(...values) };
}

function decibels(value: number): string {
  return value.toFixed(1);
}

/** In hundredths, without their sign. */
function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function written({ mean, least, most }: Spread, write: (value: number) => string): string {
  return least === most ? write(mean) : `${write(mean)} (${write(least)} to ${write(most)})`;
}

function beside(there: number, here: number, write: (value: number) => string): string {
  return `${write(there)} (${write(here)})`;
}

function verdict(goal: Goal, sqnrDb: number, agreement: number, drop: number): string {
  const { sqnrDb: leastDb = 0, agreement: leastShare = 0, drop: mostDrop } = goal;
  return sqnrDb >= leastDb && agreement >= leastShare && drop <= mostDrop ? 'met' : 'MISSED';
}
