import type { Command } from 'commander';
import { ResedgeError } from '../errors.ts';
import type { Classified } from '../pipeline/classify.ts';
import type { Provider } from '../runtime/types.ts';
import { share, wholeNumber } from './options.ts';
import { bar, milliseconds, note, noteSkipped, print } from './print.ts';
import { addRunOptions, openOptions, type RunFlags } from './run-options.ts';
import { untilStopped } from './stop.ts';

const MAX_TOP = 100_000;
const BAR_WIDTH = 24;

type Flags = RunFlags & {
  readonly model: string;
  readonly top: number;
  readonly threshold?: number;
  readonly json?: boolean;
};

export function addClassify(program: Command): Command {
  const command = program
    .command('classify <pictures...>')
    .description('say what is in pictures, given as files or folders')
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert');
  return addRunOptions(command)
    .option('--top <n>', 'classes to name', wholeNumber(1, MAX_TOP), 5)
    .option(
      '--threshold <p>',
      'below this probability the answer is "unknown" (default: what learn chose, else 0)',
      share,
    )
    .option('--json', 'one line of JSON for each picture')
    .action(runClassify);
}

async function runClassify(paths: readonly string[], flags: Flags): Promise<void> {
  const [{ listPictures }, { openModel }, { whileOpening }] = await Promise.all([
    import('../node/image/list.ts'),
    import('../node/model/open-model.ts'),
    import('../node/model/while-opening.ts'),
  ]);
  const pictures = await listPictures(paths);
  // The model opens in its own thread; this one loads the rest.
  const [model, { classifyAll, answerOf }] = await whileOpening(
    openModel(flags.model, { ...openOptions(flags), pictures: pictures.length }),
    load(),
  );
  for (const warning of model.warnings) note(warning);
  const stop = untilStopped();
  try {
    if (pictures.length === 0) throw new ResedgeError('input', `${paths.join(', ')}: expected pictures, found none`);
    const skipped: string[] = [];
    const { provider } = model.choice;
    let done = 0;
    for await (const { picture, result } of classifyAll(model, pictures, flags.top)) {
      done++;
      if (result instanceof ResedgeError) {
        skipped.push(result.message);
        if (flags.json) print(JSON.stringify({ image: picture, error: result.message }));
      } else {
        const answer = answerOf(result, flags.threshold ?? model.metadata.learned?.threshold);
        const { top, ms } = result;
        if (flags.json) print(JSON.stringify({ image: picture, answer, top, ms, provider }));
        else printAnswer(picture, answer, result, provider);
      }
      if (stop.signal.aborted && done < pictures.length) {
        note(`stopped after ${done} of ${pictures.length} pictures`);
        break;
      }
    }
    noteSkipped(skipped, pictures.length);
  } finally {
    await model.session.close();
    stop.end();
  }
}

/** Loads what reads and classifies pictures. */
async function load() {
  const [{ loadSharp }, { classifyAll }, { answerOf }] = await Promise.all([
    import('../node/image/load-sharp.ts'),
    import('../node/model/classify.ts'),
    import('../pipeline/classify.ts'),
  ]);
  await loadSharp();
  return { classifyAll, answerOf };
}

function printAnswer(image: string, answer: string, result: Classified, provider: Provider): void {
  const { decode, prepare, infer } = result.ms;
  const width = Math.max(...result.top.map(({ label }) => label.length));
  print(answer === 'unknown' ? `${image}: unknown` : image);
  for (const { label, probability } of result.top) {
    print(`  ${label.padEnd(width)}  ${probability.toFixed(4)}  ${bar(probability, BAR_WIDTH)}`.trimEnd());
  }
  const steps = `decode ${milliseconds(decode)}, prepare ${milliseconds(prepare)}, infer ${milliseconds(infer)}`;
  print(`  ${steps} on ${provider}`);
}
