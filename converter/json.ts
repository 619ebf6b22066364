import { ResedgeError } from '../src/errors.ts';

/** An object of a configuration file. */
export type Json = Readonly<Record<string, unknown>>;

/** Most lists and objects inside one another: more than any model has, and far fewer than a stack of calls holds. */
const MAX_DEPTH = 256;
/** Most characters of a value that an error repeats. */
const MAX_SHOWN = 60;

/** A value of a configuration file as an error repeats it: as JSON, cut short. */
export function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, MAX_SHOWN) ?? 'none';
}

/** What a configuration file says, fit to be walked and written by calls that call themselves. Throws for what is no JSON, or too deep. */
export function parseJson(text: string): unknown {
  const root: unknown = JSON.parse(text);
  let level: readonly unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new ResedgeError('limit', `expected at most ${MAX_DEPTH} lists and objects of JSON inside one another`);
    }
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return root;
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
