import type { Command } from 'commander';
import type { Evaluation } from '../node/model/evaluate.ts';
import type { OpenedModel } from '../node/model/open-model.ts';
import { wholeNumber } from './options.ts';
import { fields, milliseconds, note, noteSkipped, percent, print, progress } from './print.ts';
import { addRunOptions, openOptions, type RunFlags } from './run-options.ts';
import { untilStopped } from './stop.ts';

const MAX_PICTURES = 100_000_000;
/** JSON knows no infinity: equal logits count as this many dB. */
const EQUAL_DB = 200;

type Flags = RunFlags & {
  readonly model: string;
  readonly reference?: string;
  readonly limit?: number;
  readonly json?: boolean;
};

export function addEvaluate(program: Command): Command {
  const command = program
    .command('evaluate <folder>')
    .description('accuracy on a folder of class folders, and agreement with a reference model')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert');
  return addRunOptions(command)
    .option('--reference <fp32.onnx>', 'compare the logits with those of this model')
    .option('--limit <n>', 'pictures in all, the same number from every class', wholeNumber(1, MAX_PICTURES))
    .option('--json', 'print JSON and nothing else')
    .action(runEvaluate);
}

async function runEvaluate(folder: string, flags: Flags): Promise<void> {
  const [{ openModel }, { listClassFolders }, { evaluate }] = await Promise.all([
    import('../node/model/open-model.ts'),
    import('../node/model/class-folders.ts'),
    import('../node/model/evaluate.ts'),
  ]);
  const model = await openModel(flags.model, openOptions(flags));
  const line = progress();
  const stop = untilStopped();
  let reference: OpenedModel | undefined;
  try {
    if (flags.reference !== undefined) {
      reference = await openModel(flags.reference, { onNotice: note, heedTuned: false });
    }
    for (const warning of new Set([...model.warnings, ...(reference?.warnings ?? [])])) note(warning);
    const { pictures, note: matching } = await listClassFolders(folder, model.metadata, flags.limit);
    if (matching !== undefined) note(matching);
    const show = (done: number): void => line.show(`${done} of ${pictures.length}`);
    const result = await evaluate(model, pictures, reference, show, stop.signal);
    line.done();
    noteSkipped(result.skipped, pictures.length);
    if (stop.signal.aborted) note(`stopped after ${result.images} of ${pictures.length} pictures`);
    if (result.images === 0) return;
    if (flags.json) print(JSON.stringify(asJson(flags.model, model, result)));
    else printEvaluation(flags.model, model, result);
  } finally {
    line.done();
    await Promise.all([model.session.close(), reference?.session.close()]);
    stop.end();
  }
}

function asJson(path: string, model: OpenedModel, result: Evaluation): Record<string, unknown> {
  const { images, skipped, top1, top5, fidelity, ms } = result;
  return {
    model: path,
    images,
    skipped: skipped.length,
    top1,
    top5,
    ...(fidelity ? { agreement: fidelity.agreement(), sqnrDb: Math.min(EQUAL_DB, fidelity.sqnrDb()) } : {}),
    ms,
    provider: model.choice.provider,
  };
}

function printEvaluation(path: string, { choice }: OpenedModel, result: Evaluation): void {
  const { images, skipped, top1, top5, fidelity, ms } = result;
  print(
    fields([
      ['model', path],
      ['pictures', skipped.length === 0 ? `${images}` : `${images}, ${skipped.length} skipped`],
      ['top-1', percent(top1)],
      ['top-5', percent(top5)],
      ...(fidelity
        ? ([
            ['agreement', `${percent(fidelity.agreement())} with the reference`],
            [
              'SQNR',
              fidelity.sqnrDb() === Number.POSITIVE_INFINITY ? 'equal logits' : `${fidelity.sqnrDb().toFixed(1)} dB`,
            ],
          ] as const)
        : []),
      [
        'inference',
        `${milliseconds(ms.p50)} a picture (p90 ${milliseconds(ms.p90)}, p99 ${milliseconds(ms.p99)}) on ${choice.provider}`,
      ],
    ]),
  );
}
