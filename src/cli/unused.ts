import type { Recipe } from '../../converter/quantize/recipe.ts';
import type { Precision } from '../device/profile.ts';

/** What says which options a conversion looks at. */
export type Wanted = {
  readonly precision: Precision;
  readonly calibrate?: string | undefined;
  readonly validate?: string | undefined;
  readonly corrections: Recipe['corrections'];
  /** True: the calibration pictures go to another tool. */
  readonly handed?: boolean;
  /** Pictures that weights learn from. */
  readonly quantizeAware?: string | undefined;
  /** True: the source's own integers are written. */
  readonly stored?: boolean;
};

const INT8_ALONE = ['scheme', 'saveTable', 'report', 'format', 'validate', 'maxDrop', 'method', 'corrections'];
/** Of a source that is quantized already, its own are kept. */
const STORED = 'a source that is quantized already and keeps its scales';
const QUANTIZED_ANEW = ['saveTable', 'report', 'validate', 'maxDrop', 'method', 'corrections'];
const JUDGED = ['minSqnr', 'minAgreement', 'force'];

/** One line for each option that a user stated and that has no part in the conversion; `isStated` is asked by their keys. */
export function unusedOptions(wanted: Wanted, isStated: (key: string) => boolean): readonly string[] {
  const { by, keys } = unusedBy(wanted);
  const lines = keys.filter(isStated).map((key) => `--${dashed(key)} is not used by ${by}`);
  const { precision, corrections } = wanted;
  const unlearned = precision === 'int8' && !wanted.stored && keys.length > 0 && corrections.includes('rounding');
  return unlearned
    ? [...lines, `--corrections: rounding is left out, it learns from pictures and ${by} has none`]
    : lines;
}

function unusedBy({ precision, calibrate, validate, quantizeAware, handed, stored }: Wanted): {
  readonly by: string;
  readonly keys: readonly string[];
} {
  const by = `--precision ${precision}`;
  const pictures = ['calibrate', 'samples', 'seed'];
  if (precision === 'fp32') return { by, keys: [...(handed ? [] : pictures), ...INT8_ALONE, ...JUDGED] };
  const pictured = calibrate !== undefined && calibrate !== 'none' && !calibrate.endsWith('.json');
  if (precision === 'fp16') {
    const unseen = calibrate === undefined ? ['samples', 'seed'] : pictures;
    return { by, keys: [...(pictured ? [] : unseen), ...INT8_ALONE] };
  }
  if (stored) return { by: STORED, keys: [...(pictured ? [] : pictures), ...QUANTIZED_ANEW] };
  if (calibrate === undefined || pictured) return { by, keys: [] };
  const source = calibrate === 'none' ? '--calibrate none' : 'a calibration table';
  return {
    by: source,
    keys: [...(validate === undefined ? ['samples'] : []), ...(quantizeAware === undefined ? ['seed'] : [])],
  };
}

function dashed(key: string): string {
  return key.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}
