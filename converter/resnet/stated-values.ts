import { ResedgeError } from '../../src/errors.ts';
import { INTERPOLATIONS, type Preprocessing } from '../../src/tensor/preprocessing.ts';
import { shown } from '../json.ts';

const MAX_CLASSES = 1_000_000;

/** How the source resizes pictures, and a warning where that is not done here. */
export function statedInterpolation(name: unknown): {
  readonly stated: Pick<Partial<Preprocessing>, 'interpolation'>;
  readonly warnings: readonly string[];
} {
  const interpolation = INTERPOLATIONS.find((one) => one === name);
  if (interpolation !== undefined) return { stated: { interpolation }, warnings: [] };
  if (name === undefined || name === 'random') return { stated: {}, warnings: [] };
  return {
    stated: {},
    warnings: [
      `the source resizes pictures by ${String(name)} interpolation, expected ${INTERPOLATIONS.join(' or ')}: give --interpolation, else it is bilinear`,
    ],
  };
}

export function normalization(mean: unknown, std: unknown): Partial<Preprocessing> {
  return {
    ...(mean === undefined || mean === null ? {} : { mean: triple('mean', mean) }),
    ...(std === undefined || std === null ? {} : { std: triple('std', std, 0) }),
  };
}

function triple(name: string, value: unknown, above = Number.NEGATIVE_INFINITY): readonly [number, number, number] {
  const [a, b, c] = Array.isArray(value) && value.length === 3 ? value : [];
  const fits = (part: unknown): part is number => typeof part === 'number' && Number.isFinite(part) && part > above;
  if (!fits(a) || !fits(b) || !fits(c)) throw senseless(name, 'three numbers', value);
  return [a, b, c];
}

export function positive(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value))
    throw senseless(name, 'a number above 0', value);
  return value;
}

export function count(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_CLASSES) {
    throw senseless(name, 'a number of classes', value);
  }
  return value;
}

export function strings(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw senseless(name, 'names', value);
  return value;
}

export function senseless(name: string, expected: string, value: unknown): ResedgeError {
  return new ResedgeError('input', `expected ${expected} for ${name}, received ${shown(value)}`);
}

export function unsupported(name: string, expected: string, value: unknown): ResedgeError {
  return new ResedgeError('unsupported', `expected ${expected} for ${name}, received ${shown(value)}`);
}
