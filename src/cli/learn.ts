import { type Command, Option } from 'commander';
import { HEAD_RECIPE, type HeadRecipe } from '../../converter/train/head-recipe.ts';
import type { Schedule } from '../../converter/train/schedule.ts';
import { ResedgeError } from '../errors.ts';
import { PIXEL_FORMATS, type PixelFormat } from '../image/frame.ts';
import type { Size } from '../node/camera/recipes.ts';
import type { GrowOptions } from '../node/learn/grow-class.ts';
import type { TeachOptions } from '../node/learn/types.ts';
import { frameSize } from './camera.ts';
import { addTuneOptions, expectTuning, finetune, type IsStated, type TuneFlags } from './finetune.ts';
import { batchSize, epochCount, numberOf, realNumber, STEPS_AT, seedNumber, share, wholeNumber } from './options.ts';
import { note, noteSkipped, print, progress } from './print.ts';
import { addRunOptions, openOptions, type RunFlags } from './run-options.ts';
import { untilStopped } from './stop.ts';

const MAX_VARIANTS = 64;
const MAX_RATE = 1e6;
const MAX_FRAMES = 10_000;
const MAX_EVERY_MS = 3_600_000;

const WARM_UP = 0.05;
/** A class of few pictures that counts as much as the others takes pictures of theirs. */
const GROWING_BALANCE = 0.3;

type Flags = RunFlags &
  TuneFlags & {
    readonly model: string;
    readonly output: string;
    readonly add?: string;
    readonly from?: string;
    readonly count: number;
    readonly every?: number;
    readonly size?: Size;
    readonly format?: PixelFormat;
    readonly augment: number;
    readonly epochs: number;
    readonly batch: number;
    readonly lr: number;
    readonly schedule: Exclude<Schedule['kind'], 'one-cycle'>;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
    readonly balance?: number;
    readonly patience: number;
    readonly seed: number;
    readonly report?: string;
    readonly json?: boolean;
  };

export function addLearn(program: Command): Command {
  const command = program
    .command('learn [folder]')
    .description('teach a model your own classes from a folder of class folders, or one class more with --add')
    .requiredOption(
      '--model <model.onnx>',
      'a model made by resedge convert, by learn to add to, or what convert takes to tune',
    )
    .requiredOption('-o, --output <model.onnx>', 'the file to write')
    .option('--add <class>', 'add this class to a model that learn made, or extend it')
    .option('--from <source>', 'for --add: a folder of pictures of it, a video, or a camera as resedge camera takes it')
    .option('--count <n>', 'pictures to take of that camera or video', wholeNumber(2, MAX_FRAMES), 10)
    .option(
      '--every <ms>',
      'time between them (default: 500, those of a video spread over all of it)',
      wholeNumber(0, MAX_EVERY_MS),
    )
    .option('--size <width x height>', 'of its frames, as 640x480', frameSize)
    .addOption(new Option('--format <format>', 'of raw frames on stdin').choices([...PIXEL_FORMATS]));
  return addTuneOptions(addRunOptions(command))
    .option('--augment <n>', 'variants of each picture, used where they help', wholeNumber(0, MAX_VARIANTS), 2)
    .option('--epochs <n>', 'passes over all pictures at most', epochCount, HEAD_RECIPE.epochs)
    .option('--batch <n>', 'pictures of one step', batchSize, HEAD_RECIPE.batch)
    .option('--lr <rate>', 'largest learning rate', realNumber(0, MAX_RATE), HEAD_RECIPE.schedule.peak)
    .addOption(
      new Option('--schedule <name>', 'of the learning rate; steps divide it by ten')
        .choices(['cosine', 'steps', 'constant'])
        .default('cosine'),
    )
    .option('--momentum <m>', 'of the descent', share, HEAD_RECIPE.momentum)
    .option('--no-nesterov', 'plain momentum')
    .option('--weight-decay <d>', 'of the weights', notNegative, HEAD_RECIPE.weightDecay)
    .option(
      '--balance <share>',
      '1: every class counts the same, 0: every picture does (default: 1, with --add 0.3)',
      share,
    )
    .option('--patience <n>', 'epochs without a gain', epochCount, HEAD_RECIPE.patience)
    .option('--seed <n>', 'of everything that is drawn', seedNumber, 0)
    .option('--report <file.html>', 'write a page with curves, matrix and the worst pictures')
    .option('--json', 'print JSON and nothing else')
    .action(runLearn);
}

function notNegative(text: string): number {
  const value = numberOf(text);
  return value === 0 ? 0 : realNumber(0, MAX_RATE)(text);
}

async function runLearn(folder: string | undefined, flags: Flags, command: Command): Promise<void> {
  const isStated: IsStated = (key) => command.getOptionValueSource(key) === 'cli';
  expectWays(folder, flags, isStated);
  expectTuning(flags, isStated);
  const line = progress();
  const stop = untilStopped();
  const options: TeachOptions = {
    model: flags.model,
    output: flags.output,
    recipe: recipeOf(flags),
    augment: flags.augment,
    ...(flags.report === undefined ? {} : { report: flags.report }),
    open: openOptions(flags),
    onProgress: (stage, done, total) => line.show(`${STAGES[stage]} ${done} of ${total}`),
    signal: stop.signal,
  };
  try {
    const taught = await (folder === undefined
      ? grow(growOptions(options, flags, line.show))
      : flags.tune === 'none'
        ? learn(folder, options)
        : finetune(folder, { ...flags, tune: flags.tune }, options, isStated)
    ).finally(line.done);
    for (const warning of taught.warnings) note(warning);
    if (!taught.validated.stable) process.exitCode = 1;
    noteSkipped(taught.skipped, taught.listed);
    if (flags.report !== undefined) {
      const { writeLearnReport } = await import('../node/learn/report.ts');
      await writeLearnReport(flags.report, taught, flags.seed);
    }
    const { learnedJson, printLearned } = await import('./learned.ts');
    if (flags.json) print(JSON.stringify(learnedJson(taught, flags.output)));
    else printLearned(taught, flags.output);
  } finally {
    line.done();
    stop.end();
  }
}

const STAGES = { features: 'pictures', head: 'training', verify: 'running the new model' } as const;

async function learn(folder: string, options: TeachOptions) {
  const { learnClasses } = await import('../node/learn/learn-classes.ts');
  return learnClasses(folder, options);
}

async function grow(options: GrowOptions) {
  const { growClass } = await import('../node/learn/grow-class.ts');
  return growClass(options);
}

/** What says how pictures are taken for a class more. */
const OF_RECORDING = ['count', 'every', 'size', 'format'] as const;

function expectWays(folder: string | undefined, { add, from }: Flags, isStated: IsStated): void {
  const fail = (message: string): never => {
    throw new ResedgeError('usage', message);
  };
  if (folder === undefined && add === undefined)
    fail('expected a folder of class folders, or --add <class> --from <source>');
  if (folder !== undefined && (add !== undefined || from !== undefined)) {
    fail(`expected either a folder of class folders or --add <class> --from <source>, received both (${folder})`);
  }
  const lost = OF_RECORDING.find((name) => add === undefined && isStated(name));
  if (lost !== undefined) fail(`--${lost}: expected it with --add <class> --from <video or camera>, received a folder`);
  if (add !== undefined && from === undefined) fail('--add: expected --from <folder, video or camera> with it');
  if (add?.trim() === '') fail('--add: expected the name of a class, received blanks');
}

function recipeOf(flags: Flags): HeadRecipe {
  const { epochs, batch, momentum, nesterov, weightDecay, patience, seed, lr: peak, schedule: kind } = flags;
  const schedule: Schedule =
    kind === 'steps' ? { kind, peak, at: STEPS_AT, factor: 0.1, warmUp: WARM_UP } : { kind, peak, warmUp: WARM_UP };
  return {
    ...{ epochs, batch, schedule, momentum, nesterov, weightDecay, patience, seed },
    balance: flags.balance ?? (flags.add === undefined ? HEAD_RECIPE.balance : GROWING_BALANCE),
    smoothing: HEAD_RECIPE.smoothing,
  };
}

function growOptions(options: TeachOptions, flags: Flags, show: (text: string) => void): GrowOptions {
  return {
    ...options,
    label: flags.add?.trim() ?? '',
    from: flags.from ?? '',
    count: flags.count,
    ...(flags.every === undefined ? {} : { everyMs: flags.every }),
    camera: { size: flags.size, format: flags.format },
    onNotice: (line) => {
      note(line);
      // Fewer pictures than were asked for.
      process.exitCode = 1;
    },
    onFrame: (done, count) => show(count === undefined ? `frame ${done} of the video` : `picture ${done} of ${count}`),
  };
}
