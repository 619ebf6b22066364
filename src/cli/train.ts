import { type Command, Option } from 'commander';
import type { Recipe } from '../../converter/train/recipe.ts';
import type { Schedule } from '../../converter/train/schedule.ts';
import { ResedgeError } from '../errors.ts';
import type { Validation } from '../node/train/parts.ts';
import type { TrainedFolder } from '../node/train/train-folder.ts';
import {
  batchSize,
  epochCount,
  numberOf,
  realNumber,
  STEPS_AT,
  seedNumber,
  share,
  threadCount,
  wholeNumber,
} from './options.ts';
import { note, noteSkipped } from './print.ts';
import { untilStopped } from './stop.ts';
import type { TrainReport } from './train-report.ts';

const MAX_SIDE = 1024;
const MAX_RATE = 100;

/** Where one-cycle has its peak. */
const RISE = 0.2;
/** A rate that was too high is divided by this. */
const LOWER = 3;

type Flags = {
  readonly arch: string;
  readonly data: string;
  readonly output: string;
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
  readonly schedule: Schedule['kind'];
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly cropPadding: number;
  readonly flip: boolean;
  readonly cutout: number;
  readonly validate?: string;
  readonly seed: number;
  readonly inputSize?: number;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
};

export function addTrain(program: Command): Command {
  return program
    .command('train')
    .description('train a network from scratch on a folder of class folders')
    .option(
      '--arch <name>',
      'resnet20 and its family for small pictures, resnet18 and its family for others',
      'resnet20',
    )
    .requiredOption('--data <folder>', 'pictures in class folders')
    .requiredOption('-o, --output <weights.safetensors>', 'the file to write')
    .option('--epochs <n>', 'passes over all pictures', epochCount, 15)
    .option('--batch <n>', 'pictures of one step', batchSize, 128)
    .option('--lr <rate>', 'largest learning rate', realNumber(0, MAX_RATE), 0.3)
    .addOption(
      new Option('--schedule <name>', 'of the learning rate')
        .choices(['one-cycle', 'cosine', 'steps', 'constant'])
        .default('one-cycle'),
    )
    .option('--momentum <share>', 'of the steps before in each step', share, 0.9)
    .option('--no-nesterov', 'plain momentum')
    .option('--weight-decay <share>', 'not on norms and biases', share, 5e-4)
    .option('--label-smoothing <share>', 'of every target, spread over all classes', share, 0.05)
    .option('--crop-padding <px>', 'pictures move by up to so much', wholeNumber(0, MAX_SIDE), 4)
    .option('--no-flip', 'left and right stay what they are')
    .option('--cutout <px>', 'side of a square that is covered', wholeNumber(0, MAX_SIDE), 0)
    .option('--validate <folder|share>', 'labelled pictures to judge by, or a share of --data set apart')
    .option('--seed <n>', 'of weights, order and changes', seedNumber, 0)
    .option('--input-size <px>', "side of the network's input (default: the network's)", wholeNumber(8, MAX_SIDE))
    .option('--checkpoint <file>', 'written after every epoch (default: beside --output)')
    .option('--resume', 'go on from the checkpoint even where options or pictures differ')
    .option('--no-resume', 'begin anew (default: go on where the checkpoint fits, else refuse)')
    .option('--threads <n>', 'threads of one step (default: all)', threadCount)
    .option('--json', 'print one line of JSON an epoch and nothing else')
    .action(runTrain);
}

async function runTrain(flags: Flags): Promise<void> {
  if (flags.output.endsWith('.onnx')) {
    const instead = flags.output.replace(/onnx$/, 'safetensors');
    throw new ResedgeError(
      'usage',
      `--output: expected a .safetensors file, received ${flags.output}: train to ${instead}, then resedge convert it`,
    );
  }
  const [{ trainFolder }, { checkpointBeside }, { trainReport }] = await Promise.all([
    import('../node/train/train-folder.ts'),
    import('../node/train/checkpoint-file.ts'),
    import('./train-report.ts'),
  ]);
  const checkpoint = flags.checkpoint ?? checkpointBeside(flags.output);
  const stop = untilStopped();
  const report = trainReport(flags.output, flags.epochs, flags.json === true);
  try {
    const trained = await trainFolder({
      arch: flags.arch,
      ...{ data: flags.data, output: flags.output, checkpoint },
      resume: flags.resume === undefined ? 'exact' : flags.resume ? 'network' : undefined,
      recipe: recipeOf(flags),
      ...(flags.inputSize === undefined ? {} : { inputSize: flags.inputSize }),
      ...(flags.validate === undefined ? {} : { validation: validationOf(flags.validate) }),
      threads: flags.threads ?? 0,
      onReading: report.reading,
      onBegin: (beginning) => {
        report.begin(beginning);
        noteSkipped(beginning.skipped, beginning.listed);
      },
      onStep: report.step,
      onEpoch: report.epoch,
      signal: stop.signal,
    });
    conclude(trained, checkpoint, report, flags);
  } finally {
    report.done();
    stop.end();
  }
}

function recipeOf(flags: Flags): Recipe {
  const { epochs, batch, momentum, nesterov, weightDecay, labelSmoothing, cropPadding, flip, cutout, seed } = flags;
  const augmentation = {
    ...(cropPadding > 0 ? { shift: cropPadding } : {}),
    ...(flip ? { flip } : {}),
    ...(cutout > 0 ? { cutout } : {}),
  };
  const schedule = scheduleOf(flags);
  return { epochs, batch, schedule, momentum, nesterov, weightDecay, labelSmoothing, augmentation, seed };
}

function scheduleOf({ schedule: kind, lr: peak }: Flags): Schedule {
  switch (kind) {
    case 'one-cycle':
      return { kind, peak, rise: RISE };
    case 'steps':
      return { kind, peak, at: STEPS_AT, factor: 0.1 };
    case 'cosine':
    case 'constant':
      return { kind, peak };
  }
}

/** A number between 0 and 1 is a share, everything else a folder. */
function validationOf(text: string): Validation {
  const number = numberOf(text);
  return number > 0 && number < 1 ? { kind: 'share', share: number } : { kind: 'folder', path: text };
}

/** Says how the training ended. Throws where it failed. */
function conclude(
  { end, beginning, bytes }: TrainedFolder,
  checkpoint: string,
  report: TrainReport,
  flags: Flags,
): void {
  report.done();
  const done = end.records.length;
  const kept = done > 0 ? `epoch ${done} is kept in ${checkpoint}` : 'no epoch was kept';
  if (end.kind === 'stopped') {
    note(`stopped in epoch ${end.epoch}: ${kept}${done > 0 ? '; the same command goes on from there' : ''}`);
  } else if (end.kind === 'diverged') {
    const lower = Number((flags.lr / LOWER).toPrecision(1));
    const again = done > 0 ? `--resume --lr ${lower} goes on from there` : `try --lr ${lower}`;
    throw new ResedgeError(
      'input',
      `the loss is no longer a number in epoch ${end.epoch}, step ${end.step}, at a learning rate of ${end.learningRate.toPrecision(2)}: ${kept}; ${again}`,
    );
  } else if (beginning && bytes !== undefined) report.end(beginning, end.records, bytes);
}
