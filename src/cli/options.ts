import { InvalidArgumentError } from 'commander';

/** What nobody calls a faithful model: below either of these a conversion is refused. */
export const FLOOR = { sqnrDb: 15, agreement: 0.9 } as const;

/** What becomes of a limit that nobody stated, for `--help`. */
export function unstated(limit: keyof typeof FLOOR): string {
  return `(unstated: refused below ${FLOOR[limit]})`;
}

/** Collects the values of an option that may be given again. */
export function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The number that a text states, NaN where it states none: `Number` would read a blank as 0. */
export function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** A parser of whole numbers within bounds, for commander. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A parser of numbers above `above` and up to `max`. */
export function realNumber(above: number, max: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (!(value > above) || value > max) {
      throw new InvalidArgumentError(`Expected a number above ${above}, at most ${max}.`);
    }
    return value;
  };
}

const MAX_SEED = 2 ** 32 - 1;
const MAX_EPOCHS = 10_000;
const MAX_BATCH = 4096;
const MAX_THREADS = 256;

type WholeNumber = ReturnType<typeof wholeNumber>;

/** Parses what draws begin with. */
export const seedNumber: WholeNumber = wholeNumber(0, MAX_SEED);
/** Parses passes over all pictures. */
export const epochCount: WholeNumber = wholeNumber(1, MAX_EPOCHS);
/** Parses pictures that are taken at a time. */
export const batchSize: WholeNumber = wholeNumber(1, MAX_BATCH);
/** Parses threads that compute at a time. */
export const threadCount: WholeNumber = wholeNumber(1, MAX_THREADS);

/** `--schedule steps` divides the learning rate by ten at these shares of the training. */
export const STEPS_AT = [0.5, 0.75] as const;

/** Parses percentage points that may be lost. */
export function points(text: string): number {
  const value = numberOf(text);
  if (!(value > 0 && value <= 100)) {
    throw new InvalidArgumentError(
      'Expected points above 0, at most 100: no sample can promise that nothing is lost, the least that n pictures tell is one of them, 100 / n points.',
    );
  }
  return value;
}

/** Parses a share in [0, 1]. */
export function share(text: string): number {
  const value = numberOf(text);
  if (!(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  }
  return value;
}

/** Parses `a,b,c`, one number for each channel. */
export function perChannel(text: string): readonly [number, number, number] {
  const parts = text.split(',').map(numberOf);
  const [a, b, c] = parts;
  if (parts.length !== 3 || a === undefined || b === undefined || c === undefined || !parts.every(Number.isFinite)) {
    throw new InvalidArgumentError('Expected three numbers, as in 0.485,0.456,0.406.');
  }
  return [a, b, c];
}

/** Parses three numbers other than zero. */
export function divisors(text: string): readonly [number, number, number] {
  const values = perChannel(text);
  if (values.some((value) => value <= 0)) throw new InvalidArgumentError('Expected three numbers above zero.');
  return values;
}
