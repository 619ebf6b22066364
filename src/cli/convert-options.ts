import type { FileForm } from '../../converter/exchange/encode-graph.ts';
import type { Recipe } from '../../converter/quantize/recipe.ts';
import { schemeNamed } from '../../converter/quantize/scheme.ts';
import { ResedgeError } from '../errors.ts';
import type { ConvertFileOptions } from '../node/model/converted-file.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import type { SchemeName } from '../tensor/quantization.ts';
import { budgetOf, floorOf } from './budget.ts';
import { note } from './print.ts';
import { unusedOptions } from './unused.ts';

const NO_FLOOR = { sqnrDb: Number.NEGATIVE_INFINITY, agreement: 0 } as const;

export type ConvertFlags = {
  readonly output: string;
  readonly arch: string;
  readonly device?: string;
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
  return {
    weights,
    output: flags.output,
    arch: flags.arch,
    preprocessing: preprocessingOf(flags),
    ...(flags.labels === undefined ? {} : { labels: flags.labels }),
    file: fileFormOf(flags),
    ...(await quantizationOf(flags, isStated)),
  };
}

function preprocessingOf(flags: ConvertFlags): Partial<Preprocessing> {
  const { inputSize, resize, interpolation, mean, std, scale, channels, input, layout } = flags;
  if (layout !== undefined && input === 'raw') {
    throw new ResedgeError('usage', '--layout belongs to --input float: a raw input is always NHWC');
  }
  const given = { inputSize, resize, interpolation, mean, std, scale, channels, layout };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { input, ...Object.fromEntries(stated) };
}

function fileFormOf({ batch, format }: ConvertFlags): FileForm {
  return { ...(batch === undefined ? {} : { batch }), ...(format === undefined ? {} : { format }) };
}

/** Precision and scheme from flags, device profile and defaults, in this order. */
async function quantizationOf(
  flags: ConvertFlags,
  isStated: (key: string) => boolean,
): Promise<Pick<ConvertFileOptions, 'int8' | 'fp16'>> {
  const profile = flags.device === undefined ? undefined : await profileNamed(flags.device);
  const precision = flags.precision ?? profile?.precision ?? 'int8';
  const floor = flags.force ? NO_FLOOR : floorOf(flags);
  for (const line of unusedOptions({ ...flags, precision }, isStated)) note(line);
  if (precision !== 'int8') {
    if (precision === 'fp32') return {};
    const { calibrate, samples, seed } = flags;
    return { fp16: { ...(calibrate === undefined ? {} : { calibrate }), samples, seed, floor } };
  }
  const { calibrate } = flags;
  if (calibrate === undefined || calibrate === '') {
    throw new ResedgeError(
      'usage',
      'INT8 needs to know the ranges inside the network: give --calibrate <folder of pictures>, --calibrate <table.json> saved earlier, or --calibrate none (data-free)',
    );
  }
  const scheme = schemeNamed(flags.scheme ?? profile?.scheme ?? 'u8s8-safe');
  if (flags.format === 'qoperator' && (scheme.activation.dtype !== 'uint8' || scheme.weightBits !== 8)) {
    throw new ResedgeError(
      'usage',
      `--format qoperator has operators for 8 bits alone: expected --scheme u8s8-safe or u8s8, received ${scheme.name}`,
    );
  }
  return {
    int8: {
      recipe: {
        scheme,
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
      ...(flags.force ? { force: true } : {}),
      floor,
    },
  };
}

async function profileNamed(name: string) {
  const { loadProfile } = await import('../node/device/load-profile.ts');
  return loadProfile(name);
}
