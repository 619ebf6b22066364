import type { Command } from 'commander';
import { isResedgeError, ResedgeError } from '../errors.ts';
import type { Classified } from '../node/model/classify.ts';
import type { OpenedModel } from '../node/model/open-model.ts';
import { share, wholeNumber } from './options.ts';
import { bar, milliseconds, note, print } from './print.ts';

const MAX_TOP = 100_000;
const BAR_WIDTH = 24;

type Flags = { readonly model: string; readonly top: number; readonly threshold?: number; readonly json?: boolean };

export function addClassify(program: Command): Command {
  return program
    .command('classify <pictures...>')
    .description('say what is in pictures, given as files or folders')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert')
    .option('--top <n>', 'classes to name', wholeNumber(1, MAX_TOP), 5)
    .option('--threshold <p>', 'below this probability the answer is "unknown"', share)
    .option('--json', 'one line of JSON for each picture')
    .action(runClassify);
}

async function runClassify(paths: readonly string[], flags: Flags): Promise<void> {
  const [{ openModel }, { classify }, { listPictures }, { loadSharp }] = await Promise.all([
    import('../node/model/open-model.ts'),
    import('../node/model/classify.ts'),
    import('../node/image/list.ts'),
    import('../node/image/load-sharp.ts'),
  ]);
  const opening = openModel(flags.model);
  // The decoder loads while the model does.
  const [model, pictures] = await settled(opening, listPictures(paths), loadSharp());
  for (const warning of model.warnings) note(warning);
  try {
    if (pictures.length === 0) throw new ResedgeError('input', `${paths.join(', ')}: expected pictures, found none`);
    for (const image of pictures) {
      try {
        const result = await classify(model, image, flags.top);
        if (flags.json) print(JSON.stringify(asJson(image, result, model, flags)));
        else printAnswer(image, result, model, flags);
      } catch (error) {
        if (!isResedgeError(error)) throw error;
        process.exitCode = 1;
        if (flags.json) print(JSON.stringify({ image, error: error.message }));
        else note(error.message);
      }
    }
  } finally {
    await model.session.close();
  }
}

/** Waits for all; if the list or the decoder fails, the model that opens is closed first. */
async function settled<L, S>(
  opening: Promise<OpenedModel>,
  list: Promise<L>,
  decoder: Promise<S>,
): Promise<readonly [OpenedModel, L]> {
  const [model, found, loaded] = await Promise.allSettled([opening, list, decoder]);
  if (model.status === 'rejected') throw model.reason;
  if (found.status === 'fulfilled' && loaded.status === 'fulfilled') return [model.value, found.value];
  await model.value.session.close();
  throw found.status === 'rejected' ? found.reason : loaded.status === 'rejected' ? loaded.reason : undefined;
}

function answerOf({ top }: Classified, { threshold = 0 }: Flags): string {
  const [best] = top;
  return best && best.probability >= threshold ? best.label : 'unknown';
}

function asJson(image: string, result: Classified, { choice }: OpenedModel, flags: Flags): Record<string, unknown> {
  return { image, answer: answerOf(result, flags), top: result.top, ms: result.ms, provider: choice.provider };
}

function printAnswer(image: string, result: Classified, { choice }: OpenedModel, flags: Flags): void {
  const { decode, prepare, infer } = result.ms;
  const width = Math.max(...result.top.map(({ label }) => label.length));
  const unknown = answerOf(result, flags) === 'unknown' ? ': unknown' : '';
  print(`${image}${unknown}`);
  for (const { label, probability } of result.top) {
    print(`  ${label.padEnd(width)}  ${probability.toFixed(4)}  ${bar(probability, BAR_WIDTH)}`.trimEnd());
  }
  const steps = `decode ${milliseconds(decode)}, prepare ${milliseconds(prepare)}, infer ${milliseconds(infer)}`;
  print(`  ${steps} on ${choice.provider}`);
}
