import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BACKENDS, PROVIDERS } from '../../device/profile.ts';
import { ResedgeError } from '../../errors.ts';
import type { Backend, Provider } from '../../runtime/types.ts';
import { isInstalled } from '../backend/installed.ts';
import { hashOf, runtimeVersion } from '../cache/graph-key.ts';
import type { ModelFile } from '../cache/model-file.ts';
import { cacheFolder, cachePath } from '../cache-folder.ts';
import type { Machine } from '../device/machine.ts';
import { writeWhole } from '../write-whole.ts';
import type { Criterion } from './way.ts';

/** The fastest way to run a model file on one machine, as `tune` found it. */
export type TunedChoice = {
  readonly model: { readonly path: string; readonly sha256: string };
  readonly profile: string;
  readonly runtime: string;
  readonly provider: Provider;
  readonly backend: Backend['name'];
  readonly threads: number;
  readonly spinning: boolean;
  /** Pictures in one inference. */
  readonly batch: number;
  readonly by: Criterion;
  /** The figure that it was chosen by, in words. */
  readonly figure: string;
  /** Another file of the same network that was better still. */
  readonly better?: { readonly path: string; readonly figure: string };
};

/** The choice that holds, and what a user should know of one that does not, one line each. */
export type StoredChoice = { readonly choice?: TunedChoice; readonly notes: readonly string[] };

/** Where the choices of one machine hold. */
export type Place = { readonly machine: Machine; readonly profile: string };

/** The cache's folder of choices. */
export const PURPOSE = 'tuned';

/** Files looked through for one of an earlier content of the model. */
const MAX_LOOKED = 100;

/** The native runtime's version, or that there is WASM alone. */
export function runtimeHere(): string {
  return isInstalled('onnxruntime-node').available ? runtimeVersion() : 'onnxruntime-web alone';
}

function machineId(machine: Machine): string {
  const { arch, platform, model, cpuFeatures, board, accelerators, online, cores, performanceCores, cpuQuota } =
    machine;
  const facts = [arch, platform, model, board, online, cores, performanceCores, cpuQuota].map(String);
  return hashOf([...facts, ...cpuFeatures, ...accelerators]).slice(0, 16);
}

const fileName = (sha256: string, machine: Machine): string => `${sha256.slice(0, 32)}-${machineId(machine)}.json`;

/** Keeps a choice for the model and machine; returns where. Throws `io`. */
export function storeChoice(choice: TunedChoice, machine: Machine): string {
  const folder = cacheFolder(PURPOSE);
  if (folder.kind === 'fault') throw new ResedgeError('io', `the choice could not be kept: ${folder.reason}`);
  const path = join(folder.path, fileName(choice.model.sha256, machine));
  writeWhole(path, [new TextEncoder().encode(`${JSON.stringify(choice, undefined, 2)}\n`)]);
  return path;
}

/** What was chosen for the model on this machine. A choice for another runtime, profile or content of the file is left with a note. */
export function storedChoice(file: ModelFile, { machine, profile }: Place): StoredChoice {
  const folder = cachePath(PURPOSE);
  if (folder === undefined || !existsSync(folder)) return { notes: [] };
  const again = `resedge tune --model ${file.path} finds a new one`;
  const path = join(folder, fileName(file.sha256, machine));
  if (!existsSync(path)) {
    return changedSince(folder, file, machine)
      ? { notes: [`${file.path} has changed since it was tuned, the choice is not used: ${again}`] }
      : { notes: [] };
  }
  const choice = readChoice(path);
  const stale = choice === undefined ? `${path} is damaged` : staleness(choice, profile);
  if (choice === undefined || stale !== undefined) {
    return { notes: [`the tuned choice for ${file.path} is not used, ${stale}: ${again}`] };
  }
  const { better } = choice;
  if (better === undefined || !existsSync(better.path)) return { choice, notes: [] };
  const note = `${better.path} is the better file of this network here: ${better.figure} against ${choice.figure}`;
  return { choice, notes: [note] };
}

function staleness({ runtime, profile }: TunedChoice, profileHere: string): string | undefined {
  const here = runtimeHere();
  if (runtime !== here) return `it was made with ONNX Runtime ${runtime}, this is ${here}`;
  if (profile !== profileHere) return `it was made under profile ${profile}, this is ${profileHere}`;
  return undefined;
}

function changedSince(folder: string, { path }: ModelFile, machine: Machine): boolean {
  const ending = `-${machineId(machine)}.json`;
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  const place = resolve(path);
  return names.slice(0, MAX_LOOKED).some((name) => readChoice(join(folder, name))?.model.path === place);
}

function readChoice(path: string): TunedChoice | undefined {
  try {
    const value: TunedChoice = JSON.parse(readFileSync(path, 'utf8'));
    const { provider, backend, threads, spinning, model, runtime, profile, figure } = value;
    const texts = [model.path, model.sha256, runtime, profile, figure];
    const sound =
      PROVIDERS.includes(provider) &&
      BACKENDS.includes(backend) &&
      Number.isInteger(threads) &&
      threads >= 0 &&
      typeof spinning === 'boolean' &&
      texts.every((text) => typeof text === 'string') &&
      basename(path).startsWith(model.sha256.slice(0, 32));
    return sound ? value : undefined;
  } catch {
    // Whoever asks says that it is damaged.
    return undefined;
  }
}
