import type { FileForm } from '../../converter/exchange/encode-graph.ts';
import type { Recipe } from '../../converter/quantize/recipe.ts';
import { schemeNamed } from '../../converter/quantize/scheme.ts';
import type { TargetName } from '../../converter/targets/names.ts';
import { expectFit, TARGETS, type Target } from '../../converter/targets/target.ts';
import { ResedgeError } from '../errors.ts';
import type { ConvertFileOptions, Floor } from '../node/model/converted-file.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import type { SchemeName } from '../tensor/quantization.ts';
import { budgetOf, floorOf } from './budget.ts';
import { note } from './print.ts';
import { learningOf } from './quantize-aware.ts';
import { unusedOptions } from './unused.ts';

const NO_FLOOR = { sqnrDb: Number.NEGATIVE_INFINITY, agreement: 0 } as const;

export type ConvertFlags = {
  readonly output: string;
  readonly arch: string;
  readonly device?: string;
  readonly target?: TargetName;
  readonly precision?: 'int8' | 'fp16' | 'fp32';
  readonly scheme?: SchemeName;
  readonly calibrate?: string;
  readonly saveTable?: string;
  readonly samples: number;
  readonly seed: number;
  readonly method: 'auto' | 'minmax' | 'percentile' | 'entropy' | 'mse';
  readonly corrections: Recipe['corrections'];
  readonly validate?: string;
  readonly maxDrop?: number;
  readonly minSqnr?: number;
  readonly minAgreement?: number;
  readonly quantizeAware?: string;
  readonly epochs?: number;
  readonly lr?: number;
  readonly force?: boolean;
  readonly inputSize?: number;
  readonly resize?: number;
  readonly interpolation?: Preprocessing['interpolation'];
  readonly mean?: Preprocessing['mean'];
  readonly std?: Preprocessing['std'];
  readonly scale?: number;
  readonly channels?: Preprocessing['channels'];
  readonly labels?: string;
  readonly report?: string;
  readonly batch?: number;
  readonly format?: 'qdq' | 'qoperator';
  readonly input: Preprocessing['input'];
  readonly layout?: Preprocessing['layout'];
  readonly offline?: boolean;
  readonly json?: boolean;
};

/**
 * What the flags mean to `convertFile`; `isStated` tells which of them, by their keys, the user wrote. Notes those that have no part in
 * the conversion. Throws `usage` for flags that do not go together.
 */
export async function convertOptions(
  weights: string,
  flags: ConvertFlags,
  isStated: (key: string) => boolean,
): Promise<ConvertFileOptions> {
  const given = flags.target === undefined ? undefined : fitted(TARGETS[flags.target], flags, isStated);
  const { target, ...meant } = given ?? { ...flags, target: undefined };
  return {
    weights,
    output: meant.output,
    arch: meant.arch,
    preprocessing: preprocessingOf(meant),
    ...(meant.labels === undefined ? {} : { labels: meant.labels }),
    file: fileFormOf(meant),
    ...(target ? { target } : {}),
    ...(await quantizationOf(weights, meant, target, isStated)),
  };
}

type Meant = Omit<ConvertFlags, 'target'>;

/** The flags with a target's choices for those that the user left open. Throws `usage` for one that does not fit. */
function fitted(
  target: Target,
  { target: _, ...flags }: ConvertFlags,
  isStated: (key: string) => boolean,
): Meant & { readonly target: Target } {
  const { input, batch, ...stated } = flags;
  expectFit(target, { ...stated, ...(batch === undefined ? {} : { batch }), ...(isStated('input') ? { input } : {}) });
  return {
    ...flags,
    target,
    input: isStated('input') ? input : (target.inputs[0] ?? input),
    ...(batch === undefined && target.batch !== 'any' ? { batch: 1 } : {}),
  };
}

function preprocessingOf(flags: Meant): Partial<Preprocessing> {
  const { inputSize, resize, interpolation, mean, std, scale, channels, input, layout } = flags;
  if (layout !== undefined && input === 'raw') {
    throw new ResedgeError('usage', '--layout belongs to --input float: a raw input is always NHWC');
  }
  const given = { inputSize, resize, interpolation, mean, std, scale, channels, layout };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { input, ...Object.fromEntries(stated) };
}

function fileFormOf({ batch, format }: Meant): FileForm {
  return { ...(batch === undefined ? {} : { batch }), ...(format === undefined ? {} : { format }) };
}

/** Precision and scheme from flags, device profile and defaults, in this order. */
async function quantizationOf(
  weights: string,
  flags: Meant,
  target: Target | undefined,
  isStated: (key: string) => boolean,
): Promise<Pick<ConvertFileOptions, 'int8' | 'fp16' | 'stored' | 'targetPictures'>> {
  const profile = flags.device === undefined ? undefined : await profileNamed(flags.device);
  const precision = flags.precision ?? among(target?.precisions, profile?.precision) ?? 'int8';
  const handed = target?.calibrates !== undefined;
  const learning = await learningOf(flags, precision);
  // What has learnt is another network than the one it is compared with.
  const floor = flags.force || learning ? NO_FLOOR : floorOf(flags);
  const scheme = flags.scheme ?? among(target?.schemes, profile?.scheme);
  const stored =
    precision === 'int8' && learning === undefined && keepsStored(scheme, isStated) && (await isQuantized(weights));
  for (const line of unusedOptions({ ...flags, precision, handed, stored }, isStated)) note(line);
  if (precision !== 'int8') {
    const { calibrate, samples, seed } = flags;
    if (handed && calibrate !== undefined) return { targetPictures: { path: calibrate, samples, seed } };
    if (precision === 'fp32') return {};
    return { fp16: { ...(calibrate === undefined ? {} : { calibrate }), samples, seed, floor } };
  }
  const { calibrate } = flags;
  if (stored) return { stored: storedOptions(flags, floor, isStated) };
  if (calibrate === undefined || calibrate === '') {
    throw new ResedgeError(
      'usage',
      'INT8 needs to know the ranges inside the network: give --calibrate <folder of pictures>, --calibrate <table.json> saved earlier, or --calibrate none (data-free)',
    );
  }
  const known = schemeNamed(scheme ?? 'u8s8-safe');
  if (flags.format === 'qoperator' && (known.activation.dtype !== 'uint8' || known.weightBits !== 8)) {
    throw new ResedgeError(
      'usage',
      `--format qoperator has operators for 8 bits alone: expected --scheme u8s8-safe or u8s8, received ${known.name}`,
    );
  }
  return {
    int8: {
      recipe: {
        scheme: known,
        method: flags.method,
        corrections: flags.corrections,
      },
      calibrate,
      samples: flags.samples,
      seed: flags.seed,
      ...(flags.saveTable === undefined ? {} : { saveTable: flags.saveTable }),
      ...(flags.report === undefined ? {} : { report: flags.report }),
      ...(flags.validate === undefined ? {} : { validate: flags.validate }),
      ...budgetOf(flags),
      ...(learning ? { learn: learning } : {}),
      ...(flags.force ? { force: true } : {}),
      floor,
    },
  };
}

/** True where a source's own integers will do: they are those of u8s8, which nothing else was asked for instead of. */
function keepsStored(scheme: SchemeName | undefined, isStated: (key: string) => boolean): boolean {
  return scheme === undefined || scheme === 'u8s8' || (scheme === 'u8s8-safe' && !isStated('scheme'));
}

async function isQuantized(weights: string): Promise<boolean> {
  const { isQuantizedSource } = await import('../node/model/quantized-source.ts');
  return isQuantizedSource(weights);
}

/** A source that is quantized already is judged on pictures alone, and refused for what the user states alone. */
function storedOptions(
  { calibrate, samples, seed }: Meant,
  floor: Floor,
  isStated: (key: string) => boolean,
): NonNullable<ConvertFileOptions['stored']> {
  const pictured = calibrate !== undefined && calibrate !== '' && calibrate !== 'none' && !calibrate.endsWith('.json');
  const limited = isStated('minSqnr') || isStated('minAgreement');
  return { ...(pictured ? { calibrate } : {}), samples, seed, floor: limited ? floor : NO_FLOOR };
}

/** What a device's profile wants where a target takes that too, else the target's first choice; without a target, the profile's. */
function among<T>(taken: readonly T[] | undefined, wanted: T | undefined): T | undefined {
  if (taken === undefined || (wanted !== undefined && taken.includes(wanted))) return wanted;
  return taken[0];
}

async function profileNamed(name: string) {
  const { loadProfile } = await import('../node/device/load-profile.ts');
  return loadProfile(name);
}
