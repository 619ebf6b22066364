import { ResedgeError } from '../errors.ts';

/** Most characters of one metadata entry that are parsed as JSON; 21,000 labels take under one million. */
const MAX_JSON_LENGTH = 2 ** 24;

/** An error about one metadata entry, with what came instead, shortened to one line. */
export function unexpected(where: string, expected: string, received: unknown): ResedgeError {
  const shown = JSON.stringify(received) ?? 'nothing';
  const short = shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
  return new ResedgeError(
    'input',
    `expected ${expected} as ${where} in the model's metadata, received ${short}; convert the weights again`,
  );
}

export function parseJson(where: string, text: string): unknown {
  if (text.length > MAX_JSON_LENGTH) throw unexpected(where, `JSON of at most ${MAX_JSON_LENGTH} characters`, text);
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(where, 'JSON', text);
  }
}

export function asRecord(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unexpected(where, 'an object', value);
}

export function asStrings(where: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return value;
  throw unexpected(where, 'a list of one or more strings', value);
}

export function asText(where: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw unexpected(where, 'text', value);
}

export function asOneOf<T extends string>(where: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw unexpected(where, choices.map((candidate) => JSON.stringify(candidate)).join(' or '), value);
}

export function asWhole(where: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw unexpected(where, `a whole number from ${min} to ${max}`, value);
}

export function asPositive(where: string, value: unknown): number {
  if (isAbove(value, 0)) return value;
  throw unexpected(where, 'a number above 0', value);
}

/** Three finite numbers, each above `above`. */
export function asTriple(where: string, value: unknown, above: number): readonly [number, number, number] {
  if (Array.isArray(value) && value.length === 3) {
    const [a, b, c]: unknown[] = value;
    if (isAbove(a, above) && isAbove(b, above) && isAbove(c, above)) return [a, b, c];
  }
  throw unexpected(where, above === -Infinity ? 'three numbers' : `three numbers above ${above}`, value);
}

function isAbove(value: unknown, above: number): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > above;
}
