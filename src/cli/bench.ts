import type { Command } from 'commander';
import { wholeNumber } from './options.ts';
import { counted, fields, milliseconds, note, print } from './print.ts';
import { addRunOptions, openOptions, type RunFlags } from './run-options.ts';
import { untilStopped } from './stop.ts';

const MAX_RUNS = 1_000_000;

type Flags = RunFlags & { readonly model: string; readonly runs: number; readonly json?: boolean };

export function addBench(program: Command): Command {
  const command = program
    .command('bench')
    .description('time one inference of one picture')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert');
  return addRunOptions(command)
    .option('--runs <n>', 'timed runs, after a warm-up', wholeNumber(1, MAX_RUNS), 50)
    .option('--json', 'print JSON and nothing else')
    .action(runBench);
}

async function runBench(flags: Flags): Promise<void> {
  const [{ openModel }, { bench }, { nodesOf }] = await Promise.all([
    import('../node/model/open-model.ts'),
    import('../node/model/bench.ts'),
    import('../node/model/nodes.ts'),
  ]);
  const model = await openModel(flags.model, openOptions(flags));
  const stop = untilStopped();
  try {
    for (const warning of model.warnings) note(warning);
    const { availableParallelism } = await import('node:os');
    const threads = model.threads === 0 ? availableParallelism() : model.threads;
    const result = await bench(model, flags.runs, stop.signal);
    if (stop.signal.aborted) note(`stopped after ${result.runs} of ${flags.runs} runs`);
    if (result.runs === 0) return;
    const nodes = stop.signal.aborted ? undefined : await nodesOf(model);
    const { provider } = model.choice;
    if (flags.json) {
      print(JSON.stringify({ model: flags.model, provider, threads, ...result, ...(nodes ? { nodes } : {}) }));
      return;
    }
    const { ms, runs, loadMs, peakRssMb } = result;
    print(
      fields([
        ['model', flags.model],
        ['provider', `${provider}, ${counted(threads, 'thread')}`],
        [
          'inference',
          `${milliseconds(ms.p50)} (min ${milliseconds(ms.min)}, p90 ${milliseconds(ms.p90)}, p99 ${milliseconds(ms.p99)}) over ${runs} runs`,
        ],
        ...(nodes ? [['nodes', countsOf(nodes)] as const] : []),
        ['load', milliseconds(loadMs)],
        ['memory', `${peakRssMb.toFixed(0)} MB at most`],
      ]),
    );
  } finally {
    await model.session.close();
    stop.end();
  }
}

function countsOf(nodes: Readonly<Record<string, number>>): string {
  return Object.entries(nodes)
    .map(([provider, count]) => `${count} on ${provider}`)
    .join(', ');
}
