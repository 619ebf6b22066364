import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';

type Values = Partial<Pick<Preprocessing, 'scale' | 'mean' | 'std' | 'channels'>>;

/** How pictures are prepared, in words, and what is to be said where that had to be guessed. */
export type Prepared = { readonly values: Values; readonly words: string; readonly warning?: string };

const same = (value: number): Preprocessing['mean'] => [value, value, value];

/** What networks are usually fed, by the reals of the pixels 0 and 255. */
const USUAL: readonly { readonly from: number; readonly to: number; readonly values: Values }[] = [
  { from: 0, to: 1, values: { channels: 'rgb', scale: 255, mean: same(0), std: same(1) } },
  { from: -1, to: 1, values: { channels: 'rgb', scale: 127.5, mean: same(1), std: same(1) } },
  { from: 0, to: 255, values: { channels: 'rgb', scale: 1, mean: same(0), std: same(1) } },
  { from: -128, to: 127, values: { channels: 'rgb', scale: 1, mean: same(128), std: same(1) } },
];

/** Calibration sees no picture with both ends of the range: how far an end may be off, as a share of the range. */
const NEAR = 0.02;

/** Means and deviations in pixel units, as a file's metadata states them: one, or one a channel. */
export function statedValues(mean: readonly number[], std: readonly number[]): Values | undefined {
  const [means, deviations] = [triple(mean), triple(std)];
  if (means === undefined || deviations === undefined || deviations.some((value) => value === 0)) return undefined;
  return { channels: 'rgb', scale: 1, mean: means, std: deviations };
}

function triple(values: readonly number[]): Preprocessing['mean'] | undefined {
  const [a, b = a, c = a] = values;
  if (a === undefined || b === undefined || c === undefined || values.length === 2 || values.length > 3)
    return undefined;
  return values.every(Number.isFinite) ? [a, b, c] : undefined;
}

/** What the file's metadata states, or else what the input's parameters tell. */
export function preparedFor(
  stated: Values | undefined,
  parameters: QuantizationParameters | undefined,
  fed: { readonly bytes: boolean; readonly normalises: boolean },
): Prepared {
  if (stated) return { values: stated, words: 'pictures as its metadata says' };
  if (parameters === undefined) {
    return fed.normalises
      ? { values: USUAL[2]!.values, words: 'pictures as they are (0 to 255), prepared inside' }
      : { values: {}, words: 'nothing said of pictures' };
  }
  const { scale, zeroPoint } = parameters;
  const [from, to] = [-zeroPoint * scale, (255 - zeroPoint) * scale];
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= NEAR * (to - from);
  const usual = USUAL.find((range) => near(range.from, from) && near(range.to, to));
  if (usual) return { values: usual.values, words: `pictures from ${usual.from} to ${usual.to}` };
  if (fed.bytes) {
    const values: Values = { channels: 'rgb', scale: 1, mean: same(zeroPoint), std: same(1 / scale) };
    return { values, words: 'pictures as bytes' };
  }
  return {
    values: {},
    words: 'nothing said of pictures',
    warning: `its input takes numbers from ${from.toFixed(2)} to ${to.toFixed(2)}, which says not how pictures are prepared: ImageNet's mean and deviation are taken where --mean, --std and --scale say nothing else`,
  };
}
