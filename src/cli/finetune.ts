import { type Command, Option } from 'commander';
import { HEAD_RECIPE, type HeadRecipe } from '../../converter/train/head-recipe.ts';
import type { Schedule } from '../../converter/train/schedule.ts';
import type { Depth } from '../../converter/train/stages.ts';
import { ResedgeError } from '../errors.ts';
import type { Taught, TeachOptions } from '../node/learn/types.ts';
import { SCHEME_NAMES, type SchemeName } from '../tensor/quantization.ts';
import { wholeNumber } from './options.ts';
import { note, percent } from './print.ts';
import { pulledFirst } from './pulled-first.ts';
import { stages } from './stages.ts';

const MB = 2 ** 20;
const MAX_MEMORY_MB = 2 ** 20;

/** What tuning goes by where nothing is stated: weights that are trained already move little. */
const DEFAULTS = { epochs: 20, batch: 16, lr: 0.01, weightDecay: 1e-4, patience: 10 } as const;
const LABEL_SMOOTHING = 0.05;

export type TuneFlags = {
  readonly tune: Depth | 'none';
  readonly memory?: number;
  readonly scheme?: SchemeName;
  readonly quantizeAware?: boolean;
  readonly offline?: boolean;
};

type Flags = TuneFlags & {
  readonly add?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly lr: number;
  readonly weightDecay: number;
  readonly patience: number;
};

/** Tells which flags, by their keys, the user wrote. */
export type IsStated = (key: string) => boolean;

/** Adds the options of `learn` that say how far the network itself learns. */
export function addTuneOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--tune <depth>', 'layers that learn too, of weights as --model (then 20 epochs of batch 16 at 0.01)')
        .choices(['none', 'last-stage', 'all'])
        .default('none'),
    )
    .option(
      '--memory <MB>',
      "for --tune: what it should stay within (default: half of the machine's)",
      wholeNumber(1, MAX_MEMORY_MB),
    )
    .addOption(
      new Option('--scheme <name>', 'for --tune: of the INT8 file (default: u8s8-safe)').choices([...SCHEME_NAMES]),
    )
    .option('--quantize-aware', 'for --tune: two more epochs, rounded as INT8')
    .option('--offline', 'for --tune: take a network of a hub as it was pulled before');
}

/** Throws `usage` for options that do not go together; notes those that tuning does not look at. */
export function expectTuning({ tune, add, memory, scheme, quantizeAware, offline }: Flags, isStated: IsStated): void {
  if (tune === 'none') {
    const given = { '--memory': memory, '--scheme': scheme, '--quantize-aware': quantizeAware, '--offline': offline };
    const alone = Object.entries(given).find(([, value]) => value)?.[0];
    if (alone) throw new ResedgeError('usage', `${alone} belongs to --tune last-stage or --tune all`);
    return;
  }
  if (add !== undefined) throw new ResedgeError('usage', '--add learns a head alone: leave out --tune');
  if (isStated('augment')) note('--augment is not used by --tune: every picture is varied anew in every epoch');
}

/** Tunes trained weights, with a line of progress on a terminal. */
export async function finetune(
  folder: string,
  flags: Flags & { readonly tune: Depth },
  { model: named, output, recipe: head, report, open, signal }: TeachOptions,
  isStated: IsStated,
): Promise<Taught> {
  const [{ finetuneClasses }, { schemeNamed }, { QUANTIZED_RECIPE }] = await Promise.all([
    import('../node/finetune/finetune-classes.ts'),
    import('../../converter/quantize/scheme.ts'),
    import('../node/train/learn-quantized.ts'),
  ]);
  const model = await pulledFirst(named, flags.offline);
  const stated = (key: keyof typeof DEFAULTS): number => (isStated(key) ? flags[key] : DEFAULTS[key]);
  const line = stages();
  return await finetuneClasses(folder, {
    ...{ model, output, open, depth: flags.tune },
    head: untouched(head, isStated),
    recipe: {
      ...{ epochs: stated('epochs'), batch: stated('batch'), weightDecay: stated('weightDecay') },
      ...{ momentum: head.momentum, nesterov: head.nesterov, labelSmoothing: LABEL_SMOOTHING, seed: head.seed },
      schedule: { ...head.schedule, peak: stated('lr') } as Schedule,
    },
    patience: stated('patience'),
    ...(flags.memory === undefined ? {} : { memory: flags.memory * MB }),
    scheme: schemeNamed(flags.scheme ?? 'u8s8-safe'),
    ...(flags.quantizeAware ? { quantizeAware: QUANTIZED_RECIPE } : {}),
    ...(report === undefined ? {} : { report }),
    onProgress: line.show,
    ...(signal ? { signal } : {}),
  }).finally(line.done);
}

/** The head's own recipe: what was stated is meant for the network. */
function untouched(head: HeadRecipe, isStated: IsStated): HeadRecipe {
  const stated = Object.keys(DEFAULTS).some(isStated);
  return stated ? { ...HEAD_RECIPE, seed: head.seed, balance: head.balance } : head;
}

/** What `learn` says to people about tuning. */
export function tunedRows({ tuned }: Taught): readonly (readonly [string, string])[] {
  if (tuned === undefined) return [];
  const { depth, parameters, epochs, of, batch, microBatch, before, after, judged, quantizeAware } = tuned;
  const what = depth === 'all' ? 'all layers' : 'last stage and head';
  const parts = microBatch === batch ? `${batch} pictures a step` : `${batch} pictures a step, ${microBatch} at a time`;
  const head = tuned.head === 'kept' ? 'as they were' : 'with the new head alone';
  return [
    ['tuned', `${what}, ${parameters.toLocaleString('en')} parameters, ${parts}; epoch ${epochs} of ${of} kept`],
    ['gain', `${percent(before)} ${head} -> ${percent(after)} tuned, in float on ${judged} pictures kept apart`],
    ...(quantizeAware
      ? ([
          ['learned', `${quantizeAware.epochs} epochs more, rounded as INT8, on ${quantizeAware.pictures} pictures`],
        ] as const)
      : []),
  ];
}
