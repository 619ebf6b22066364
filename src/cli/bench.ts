import type { Command } from 'commander';
import { wholeNumber } from './options.ts';
import { fields, milliseconds, note, print } from './print.ts';

const MAX_THREADS = 256;
const MAX_RUNS = 1_000_000;

type Flags = { readonly model: string; readonly threads?: number; readonly runs: number; readonly json?: boolean };

export function addBench(program: Command): Command {
  return program
    .command('bench')
    .description('time one inference of one picture')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert')
    .option(
      '--threads <n>',
      "threads inside one inference (default: the device profile's)",
      wholeNumber(1, MAX_THREADS),
    )
    .option('--runs <n>', 'timed runs, after a warm-up', wholeNumber(1, MAX_RUNS), 50)
    .option('--json', 'print JSON and nothing else')
    .action(runBench);
}

async function runBench(flags: Flags): Promise<void> {
  const [{ openModel }, { bench }] = await Promise.all([
    import('../node/model/open-model.ts'),
    import('../node/model/bench.ts'),
  ]);
  const model = await openModel(flags.model, flags.threads === undefined ? {} : { threads: flags.threads });
  try {
    for (const warning of model.warnings) note(warning);
    const { availableParallelism } = await import('node:os');
    const threads = model.threads === 0 ? availableParallelism() : model.threads;
    const result = await bench(model, flags.runs);
    const { provider } = model.choice;
    if (flags.json) {
      print(JSON.stringify({ model: flags.model, provider, threads, ...result }));
      return;
    }
    const { ms, runs, loadMs, peakRssMb } = result;
    print(
      fields([
        ['model', flags.model],
        ['provider', `${provider}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`],
        [
          'inference',
          `${milliseconds(ms.p50)} (min ${milliseconds(ms.min)}, p90 ${milliseconds(ms.p90)}, p99 ${milliseconds(ms.p99)}) over ${runs} runs`,
        ],
        ['load', milliseconds(loadMs)],
        ['memory', `${peakRssMb.toFixed(0)} MB at most`],
      ]),
    );
  } finally {
    await model.session.close();
  }
}
