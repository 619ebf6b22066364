import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import type { OpenModelOptions } from '../node/model/open-model.ts';
import type { Provider } from '../runtime/types.ts';
import { threadCount } from './options.ts';
import { counted, note } from './print.ts';

const PROVIDERS: readonly Provider[] = ['cpu', 'wasm', 'cuda', 'tensorrt', 'webgpu', 'coreml', 'dml'];

/** What every command that runs a model takes. */
export type RunFlags = { readonly provider?: Provider; readonly strict?: boolean; readonly threads?: number };

/** Adds the options that say how a model is to run. */
export function addRunOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--provider <name>', "the only one to take of the device profile's providers").choices(PROVIDERS),
    )
    .option('--strict', "the profile's first provider for every node, or an error")
    .option('--threads <n>', "threads that work at a time (default: the device profile's)", threadCount);
}

/** What these flags mean to `openModel`. */
export function openOptions({ provider, strict, threads }: RunFlags): OpenModelOptions {
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(strict === undefined ? {} : { strict }),
    ...(threads === undefined ? {} : { threads: threadsHere(threads) }),
    onNotice: note,
  };
}

/** As many as asked for, at most one for each processor that this process may use; says so where that is less. */
function threadsHere(wanted: number): number {
  const most = availableParallelism();
  if (wanted <= most) return wanted;
  note(`--threads ${wanted} is more than the ${counted(most, 'processor')} here, ${most} will do`);
  return most;
}
