import { basename, dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Figures } from '../node/tune/rank.ts';
import type { Tuned } from '../node/tune/tune.ts';
import { CRITERIA, type Criterion } from '../node/tune/way.ts';
import { oneMore, realNumber, wholeNumber } from './options.ts';
import { columns, milliseconds, note, print, progress } from './print.ts';
import { untilStopped } from './stop.ts';

const MAX_BUDGET_S = 24 * 60 * 60;
const MAX_BATCH = 256;
const MAX_MINUTES = 24 * 60;
const SUSTAINED_MINUTES = 10;
const FAILED = 1;

/** Columns of figures, from the number of threads on. */
const FIGURES = [4, 6, 7, 8, 9, 10];

type Flags = {
  readonly model: readonly string[];
  readonly budget: number;
  readonly by: Criterion;
  readonly batch: readonly number[];
  readonly sustained?: number | true;
  readonly json?: boolean;
};

export function addTune(program: Command): Command {
  return program
    .command('tune')
    .description('find the fastest way to run a network on this machine, by measuring; kept for every later start')
    .requiredOption(
      '--model <model.onnx>',
      'a model made by resedge convert; again for files of the same network in other precisions',
      oneMore,
    )
    .option('--budget <seconds>', 'time to measure for, as 60 or 60s', seconds, 60)
    .addOption(new Option('--by <figure>', 'what to be best by').choices(CRITERIA).default('p50'))
    .addOption(
      new Option('--batch <n,...>', 'pictures in one inference, several to compare; figures are of one picture')
        .argParser(batches)
        .default([1], '1'),
    )
    .option(
      '--sustained [minutes]',
      `load first, so that a board is as warm as in use; ${SUSTAINED_MINUTES} minutes unless stated`,
      realNumber(0, MAX_MINUTES),
    )
    .option('--json', 'print JSON and nothing else')
    .action(runTune);
}

function seconds(text: string): number {
  return realNumber(0, MAX_BUDGET_S)(text.replace(/s$/, ''));
}

function batches(text: string): readonly number[] {
  const all = text.split(',').map(wholeNumber(1, MAX_BATCH));
  if (new Set(all).size !== all.length) throw new InvalidArgumentError('Expected every number once.');
  return all;
}

async function runTune({ model, budget, by, batch, sustained, json }: Flags): Promise<void> {
  const { tune } = await import('../node/tune/tune.ts');
  const stop = untilStopped();
  const line = progress();
  try {
    const minutes = sustained === true ? SUSTAINED_MINUTES : (sustained ?? 0);
    const found = await tune({
      ...{ models: model, by, batches: batch, budgetMs: budget * 1000, sustainedMs: minutes * 60_000 },
      signal: stop.signal,
      onProgress: (text) => line.show(`measuring, ${text}`),
    });
    line.done();
    if (stop.signal.aborted) note('stopped before every way was measured: no choice is kept');
    if (stop.signal.aborted && found.ranked.length === 0 && !json) return;
    print(json ? JSON.stringify(toJson(found)) : describe(found));
    if (found.unkept === undefined) return;
    note(found.unkept);
    process.exitCode = FAILED;
  } finally {
    line.done();
    stop.end();
  }
}

const precisionOf = ({ files }: Tuned, path: string): string =>
  files.find((file) => file.path === path)?.precision ?? '';

function toJson(found: Tuned): unknown {
  const { profile, by, ranked, failed, unreached, skipped, kept, heated } = found;
  const flat = ({ way, ...figures }: Figures): unknown => {
    const { path, provider, threads, spinning, batch } = way;
    return { model: path, precision: precisionOf(found, path), provider, threads, spinning, batch, ...figures };
  };
  const [chosen = null, ...others] = ranked.map(flat);
  const failures = failed.map(({ way: { path, provider, threads }, reason }) => ({
    model: path,
    provider,
    threads,
    reason,
  }));
  return { profile, by, chosen, others, failed: failures, unreached, skipped, kept, ...(heated ? { heated } : {}) };
}

function describe(found: Tuned): string {
  const { ranked, failed, skipped, heated } = found;
  const energy = ranked.some(({ energyMj }) => energyMj !== undefined);
  const head = ['', 'model', 'precision', 'provider', 'threads', 'spinning', 'batch', 'p50', 'p99', 'runs'];
  const rows = ranked.map((figures, i) => [
    ...[i === 0 ? '*' : '', ...waysCells(found, figures)],
    ...[milliseconds(figures.ms.p50), milliseconds(figures.ms.p99), `${figures.runs}`],
    ...(energy ? [figures.energyMj === undefined ? '' : `${figures.energyMj.toFixed(1)} mJ`] : []),
  ]);
  const faults = [...new Set(failed.map(({ way, reason }) => `${way.provider}: ${reason}`))];
  const notes = [
    ...verdict(found),
    ...(heated === undefined
      ? []
      : [`measured after load: ${heated.from.toFixed(0)} °C before it, ${heated.to.toFixed(0)} °C after`]),
    ...[...faults, ...skipped].map((reason) => `left out: ${reason}`),
  ];
  return `${columns([[...head, ...(energy ? ['energy'] : [])], ...rows], '  ', FIGURES)}\n\n${notes.map((text) => `  ${text}`).join('\n')}`;
}

function waysCells(found: Tuned, { way }: Figures): readonly string[] {
  const { path, provider, threads, spinning, batch } = way;
  const spins = provider === 'cpu' && threads > 1 ? (spinning ? 'yes' : 'no') : '-';
  return [basename(path), precisionOf(found, path), provider, threads === 0 ? '-' : `${threads}`, spins, `${batch}`];
}

function verdict(found: Tuned): readonly string[] {
  const { ranked, planned, profile, by, kept, unreached } = found;
  const best = ranked[0];
  if (best === undefined) return [];
  const value = (figures: Figures): number => (by === 'energy' ? (figures.energyMj ?? 0) : figures.ms[by]);
  const { way } = best;
  const smallest = Math.min(...ranked.map(value));
  const tie = value(best) > smallest ? ', the one with fewer threads among equals' : '';
  const better = planned === undefined || planned === best ? 1 : value(planned) / value(best);
  const gain = by === 'energy' ? 'less energy' : 'faster';
  const against =
    better > 1.005
      ? `${better.toFixed(2)}x ${gain} than what profile ${profile} has`
      : `no better way than profile ${profile}'s`;
  return [
    `chosen by ${by}: ${basename(way.path)} on ${way.provider}${tie}${planned === undefined ? '' : `; ${against}`}`,
    ...slowerInt8(found, value),
    ...(unreached === 0
      ? []
      : [
          `${unreached} ${unreached === 1 ? 'way was' : 'ways were'} not reached within the budget: a longer --budget measures them`,
        ]),
    ...(kept[0] === undefined ? [] : [`kept for every later start in ${dirname(kept[0])}`]),
  ];
}

/** INT8 is not faster everywhere: without 8-bit kernels for a processor or provider, float wins. */
function slowerInt8(found: Tuned, value: (figures: Figures) => number): readonly string[] {
  const best = (precision: string): Figures | undefined =>
    found.ranked.find(({ way }) => precisionOf(found, way.path) === precision);
  const int8 = best('int8');
  return ['fp32', 'fp16'].flatMap((precision) => {
    const float = best(precision);
    if (int8 === undefined || float === undefined || value(int8) <= value(float)) return [];
    return [
      `INT8 is slower than ${precision.toUpperCase()} here, ${(value(int8) / value(float)).toFixed(2)}x the figure: it is not chosen`,
    ];
  });
}
