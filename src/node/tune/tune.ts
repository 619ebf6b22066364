import { resolve } from 'node:path';
import type { PlannedSession } from '../../device/plan.ts';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { identify } from '../../onnx/identify.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { type ModelFile, modelFile } from '../cache/model-file.ts';
import { cachePath } from '../cache-folder.ts';
import { type QuickProfile, quickProfile } from '../device/quick-profile.ts';
import { readTemperature } from '../device/temperature.ts';
import { readBytes } from '../files.ts';
import { planModel } from '../model/plan-model.ts';
import { PURPOSE, runtimeHere, storeChoice, type TunedChoice } from './choice.ts';
import { findMeter } from './energy.ts';
import { measure } from './measure.ts';
import { type Figures, figureBy, rank } from './rank.ts';
import { type FailedWay, measureRounds } from './rounds.ts';
import { type Criterion, inTurn, threadCounts, type Way, waysOf } from './way.ts';

export type TuneOptions = {
  /** Files of one network: other precisions, other schemes. */
  readonly models: readonly string[];
  readonly budgetMs: number;
  readonly by: Criterion;
  readonly batches: readonly number[];
  /** Milliseconds under load before anything is measured; 0: none. */
  readonly sustainedMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
};

/** A file of the network. */
export type TunedFile = { readonly path: string; readonly precision: string; readonly scheme: string | null };

export type Tuned = {
  readonly profile: string;
  readonly by: Criterion;
  readonly files: readonly TunedFile[];
  /** The chosen way first. */
  readonly ranked: readonly Figures[];
  /** What the profile plans for the chosen file without a choice, where it was measured. */
  readonly planned: Figures | undefined;
  readonly failed: readonly FailedWay[];
  /** Ways that the budget left no time for. */
  readonly unreached: number;
  /** Providers of the profile that do not run a file, one reason each. */
  readonly skipped: readonly string[];
  /** Where the choices were kept, one file for each model; none if it was stopped before every way was measured, or caching is off. */
  readonly kept: readonly string[];
  /** Why they could not be kept. */
  readonly unkept?: string;
  /** Degrees Celsius before and after the load of `sustainedMs`. */
  readonly heated?: { readonly from: number; readonly to: number };
};

type Subject = {
  readonly file: ModelFile;
  readonly metadata: ModelMetadata;
  readonly candidates: readonly PlannedSession[];
  readonly skipped: readonly string[];
};

/**
 * Finds the fastest or thriftiest way to run a network on this machine, by measuring, and keeps it for `openModel`. Throws `input` for files
 * of different networks, `unavailable` where energy is asked for and the board does not tell it, or where nothing runs.
 */
export async function tune(options: TuneOptions): Promise<Tuned> {
  const { by, batches, budgetMs, sustainedMs, signal, onProgress = () => undefined } = options;
  const here = await quickProfile();
  const subjects = [...new Set(options.models)].map((path) => subjectOf(path, here));
  expectOneNetwork(subjects);
  if (by === 'energy' && findMeter() === undefined) {
    throw new ResedgeError(
      'unavailable',
      'expected a board that tells its energy, found neither RAPL in /sys/class/powercap (root may read it) nor an INA3221 of the whole board: tune by p50 or p99',
    );
  }
  const share = here.machine;
  const ways = inTurn(
    subjects.map(({ file, candidates }) => candidates.flatMap((planned) => waysOf(file.path, planned, share, batches))),
  );
  const heated = sustainedMs > 0 ? await heat(ways, sustainedMs, signal, onProgress) : undefined;
  const { figures, failed, unreached } = await measureRounds({
    ...{ ways, budgetMs, by, onProgress },
    measure: (request) => measure(request, signal),
    now: () => performance.now(),
    stopped: () => signal?.aborted ?? false,
  });
  const ranked = rank(figures, by);
  const best = ranked[0];
  const stopped = signal?.aborted ?? false;
  if (best === undefined && !stopped) {
    const reasons = [...new Set(failed.map(({ reason }) => reason))].join('; ');
    throw new ResedgeError('unavailable', `expected a way to run ${options.models.join(', ')} here: ${reasons}`);
  }
  return {
    ...{ profile: here.profile.id, by, ranked, failed, unreached: unreached.length },
    files: subjects.map(({ file, metadata: { precision, scheme } }) => ({ path: file.path, precision, scheme })),
    planned: best === undefined ? undefined : plannedOf(best, subjects, ranked, Math.max(...threadCounts(share))),
    skipped: [...new Set(subjects.flatMap(({ skipped }) => skipped))],
    ...(stopped || cachePath(PURPOSE) === undefined ? { kept: [] } : keep(subjects, ranked, by, here)),
    ...(heated === undefined ? {} : { heated }),
  };
}

function subjectOf(path: string, { profile, machine }: QuickProfile): Subject {
  const file = modelFile(path);
  const metadata = identify(path, readBytes(path, 'an ONNX model'));
  const settings = { path, bytes: file.bytes, kind: metadata, profile, machine, strict: false };
  const { candidates, skipped } = planModel(settings);
  return { file, metadata, candidates, skipped: skipped.map(({ reason }) => reason) };
}

function expectOneNetwork(subjects: readonly Subject[]): void {
  const what = ({ metadata: { arch, labels, preprocessing } }: Subject): string =>
    `${arch} of ${labels.length} classes at ${preprocessing.inputSize} pixels`;
  const [first, ...rest] = subjects;
  const other = rest.find((one) => first !== undefined && what(one) !== what(first));
  if (first === undefined || other === undefined) return;
  throw new ResedgeError(
    'input',
    `expected files of one network, found ${what(first)} in ${first.file.path} and ${what(other)} in ${other.file.path}: tune them one at a time`,
  );
}

/** Keeps the cores busy with the first way, as a camera that has run for a while does. */
async function heat(
  [way]: readonly Way[],
  forMs: number,
  signal: AbortSignal | undefined,
  onProgress: (text: string) => void,
): Promise<Tuned['heated']> {
  const from = readTemperature();
  onProgress(`under load for ${Math.round(forMs / 60_000)} minutes first`);
  if (way !== undefined) await measure({ way, forMs }, signal);
  const to = readTemperature();
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** The figures of what the profile alone would open; where it leaves the threads to ONNX Runtime, these are all cores. */
function plannedOf(
  { way }: Figures,
  subjects: readonly Subject[],
  ranked: readonly Figures[],
  allCores: number,
): Figures | undefined {
  const planned = subjects.find(({ file }) => file.path === way.path)?.candidates[0];
  return ranked.find(
    ({ way: { path, provider, threads, spinning, batch } }) =>
      path === way.path &&
      provider === planned?.provider &&
      batch === 1 &&
      threads === (planned.threads || allCores) &&
      spinning === (planned.spinning && threads > 1),
  );
}

/** What was measured is not lost for a folder that takes no file. */
function keep(
  subjects: readonly Subject[],
  ranked: readonly Figures[],
  by: Criterion,
  here: QuickProfile,
): Pick<Tuned, 'kept' | 'unkept'> {
  try {
    return { kept: choicesOf(subjects, ranked, by, here).map((choice) => storeChoice(choice, here.machine)) };
  } catch (error) {
    if (!isResedgeError(error, 'io')) throw error;
    return { kept: [], unkept: error.message };
  }
}

function choicesOf(
  subjects: readonly Subject[],
  ranked: readonly Figures[],
  by: Criterion,
  here: QuickProfile,
): readonly TunedChoice[] {
  const best = ranked[0];
  return subjects.flatMap(({ file: { path, sha256 } }) => {
    // The chosen way, or a file's own best of those that were slower.
    const own = rank(
      ranked.filter(({ way }) => way.path === path),
      by,
    )[0];
    if (own === undefined || best === undefined) return [];
    const { provider, backend, threads, spinning, batch } = own.way;
    const choice: TunedChoice = {
      model: { path: resolve(path), sha256 },
      ...{ profile: here.profile.id, runtime: runtimeHere() },
      ...{ provider, backend, threads, spinning, batch, by, figure: inWords(own, by) },
      ...(best.way.path === path ? {} : { better: { path: resolve(best.way.path), figure: inWords(best, by) } }),
    };
    return [choice];
  });
}

function inWords(figures: Figures, by: Criterion): string {
  const value = figureBy(figures, by);
  return by === 'energy' ? `${value.toFixed(1)} mJ a picture` : `${value.toFixed(value < 10 ? 2 : 1)} ms (${by})`;
}
