import { basename } from 'node:path';
import { avx2, native } from '../peers/emulate/machines.ts';
import { median } from './common/alternate.ts';
import { CALIBRATION, convertPublished, NETWORKS, type Network, testPictures } from './common/cifar.ts';
import { wholeNumbers } from './common/flags.ts';
import { cifar10 } from './common/folders.ts';
import { compareLogits, logitsOf } from './common/logits.ts';
import { figure, report, say } from './common/report.ts';
import { type EvaluateResult, resedgeJson } from './common/resedge.ts';
import { decibels, percent } from './common/units.ts';

/** How far top-1 may lie from the published weights' own. */
const TOP1_MARGIN = 0.0015;
const { seeds, limit, avx2: emulated } = wholeNumbers({ seeds: 1, limit: 10_000, avx2: 0 });

const folders = { train: await cifar10('train'), test: await cifar10('test') };

for (const network of NETWORKS) {
  await judge(network);
  if (emulated > 0) await judgeEmulated(network, emulated);
}

/** Converts to INT8, calibrated on a seeded sample of the training pictures. */
function int8(network: Network, scheme: string, seed: number): Promise<string> {
  const calibration = ['--calibrate', folders.train, '--samples', `${CALIBRATION}`, '--seed', `${seed}`];
  return convertPublished(network, `${scheme}-${seed}`, '--scheme', scheme, ...calibration);
}

async function judge(network: Network): Promise<void> {
  const fp32 = await convertPublished(network, 'fp32', '--precision', 'fp32');
  const evaluate = (model: string, ...flags: readonly string[]): Promise<EvaluateResult> =>
    resedgeJson('evaluate', folders.test, '--model', model, '--limit', `${limit}`, ...flags);
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
    figure('INT8 agreement, median', median(agreement), 'at least', network.goals.int8.agreement, percent),
    { name: 'INT8 agreement, least', measured: percent(Math.min(...agreement)) },
    figure('INT8 SQNR, median', median(sqnrDb), 'at least', network.goals.int8.sqnrDb, decibels),
    { name: 'INT8 SQNR, least', measured: decibels(Math.min(...sqnrDb)) },
  ]);
}

/** The default scheme beside the one that ignores the hazard, on AVX2 without VNNI, where pairs of products saturate. */
async function judgeEmulated(network: Network, count: number): Promise<void> {
  const fp32 = await convertPublished(network, 'fp32', '--precision', 'fp32');
  const pictures = await testPictures(count);
  const logits = (machine: typeof avx2, path: string): Promise<Float32Array> => {
    say(`${network.name}: ${basename(path)} on ${machine.name}`);
    return logitsOf({ path, input: 'raw' }, machine, pictures);
  };
  const reference = await logits(native, fp32);
  const compared = async (machine: typeof avx2, scheme: string) =>
    compareLogits(reference, await logits(machine, await int8(network, scheme, 0)));
  const safe = await compared(avx2, 'u8s8-safe');
  const plain = await compared(avx2, 'u8s8');
  const here = await compared(native, 'u8s8-safe');
  report(`${network.name} on ${avx2.name} (emulated), ${pictures.count} pictures`, [
    figure('u8s8-safe SQNR', safe.sqnrDb, 'at least', network.goals.int8.sqnrDb, decibels),
    { name: 'u8s8-safe SQNR on this machine', measured: decibels(here.sqnrDb) },
    { name: 'u8s8-safe agreement', measured: percent(safe.agreement) },
    { name: 'u8s8-safe agreement on this machine', measured: percent(here.agreement) },
    { name: 'u8s8 agreement, which the hazard harms', measured: percent(plain.agreement) },
    { name: 'u8s8 SQNR, which the hazard harms', measured: decibels(plain.sqnrDb) },
  ]);
}
