import { ResedgeError } from '../../src/errors.ts';
import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import { isJson, type Json } from '../json.ts';
import { type Histogram, SIDE } from './histogram.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';

const VERSION = 1;
const KIND = 'resedge calibration table';
/** Digits that a saved real keeps: they tell every float32 from its neighbours. */
const DIGITS = 9;

const SHA256 = /^[0-9a-f]{64}$/;
/** Values in one table, at most. */
const MAX_VALUES = 65_536;
/** Characters of a value's name that a message shows. */
const MAX_NAME = 80;
/** Characters of what a table says about its preprocessing. */
const MAX_PREPARED = 256;

/** Where statistics come from, saved beside them. */
export type TableSource = {
  /** SHA-256 of the weights file, lower-case hexadecimal. */
  readonly sha256: string;
  readonly pictures: number;
  /** How they were prepared, as {@link preparedAs} says it. */
  readonly prepared: string;
  readonly note?: string;
};

export type Table = TableSource & { readonly statistics: Statistics };

/** What the ranges inside a network depend on besides its weights and pictures: `32 px, rgb, scale 255, mean ..., std ...`. */
export function preparedAs({ inputSize, channels, scale, mean, std }: Preprocessing): string {
  return `${inputSize} px, ${channels}, scale ${scale}, mean ${mean.join(',')}, std ${std.join(',')}`;
}

/**
 * Statistics as JSON text that {@link parseTable} reads back exactly; histograms in full, so that any method can use it later. What
 * learned rounding wants to know of the pictures is not in it.
 */
export function formatTable({ statistics, ...source }: Table): string {
  const values = [...statistics].map(
    ([name, { histogram, channels, ...rest }]) =>
      `${JSON.stringify(name)}: ${JSON.stringify({ ...rest, histogram: { ...histogram, counts: runs(histogram.counts) }, channels }, round)}`,
  );
  const head = JSON.stringify({ kind: KIND, version: VERSION, ...source }).slice(0, -1);
  return `${head},"values":{\n${values.join(',\n')}\n}}\n`;
}

/** A real with the digits that a table keeps. */
export function tabled(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** Throws `input` naming what is not as a table must be. */
export function parseTable(text: string): Table {
  const fail = (expected: string): never => {
    throw new ResedgeError('input', `expected ${expected} in the calibration table; make a new one with --save-table`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ResedgeError('input', 'expected whole JSON in the calibration table; make a new one with --save-table', {
      cause,
    });
  }
  const root = asObject(json) ?? fail('an object');
  if (root['kind'] !== KIND || root['version'] !== VERSION) fail(`"kind": "${KIND}" and "version": ${VERSION}`);
  const { sha256, pictures, prepared, note } = root;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256) || !isCount(pictures) || pictures === 0) {
    return fail('"sha256" and "pictures"');
  }
  if (typeof prepared !== 'string' || prepared.length > MAX_PREPARED) return fail('"prepared"');
  const values = asObject(root['values']) ?? fail('"values"');
  const count = Object.keys(values).length;
  if (count > MAX_VALUES) return fail(`at most ${MAX_VALUES} values, not ${count},`);
  const statistics = new Map<string, ValueStatistics>();
  for (const [name, value] of Object.entries(values)) {
    statistics.set(
      name,
      parseValue(value) ?? fail(`possible statistics of ${JSON.stringify(name.slice(0, MAX_NAME))}`),
    );
  }
  return { sha256, pictures, prepared, ...(typeof note === 'string' ? { note } : {}), statistics };
}

/** Statistics that observing could have found, or undefined. */
function parseValue(value: unknown): ValueStatistics | undefined {
  const entry = asObject(value);
  const histogram = parseHistogram(entry?.['histogram']);
  const channels = parseChannels(entry?.['channels']);
  const [min, max] = asReals([entry?.['min'], entry?.['max']]) ?? [];
  const count = entry?.['count'];
  if (!isCount(count) || count === 0 || min === undefined || max === undefined) return undefined;
  if (!histogram || !channels || min > max) return undefined;
  const possible = channels.min.every((low, c) => {
    const high = channels.max[c]!;
    return min <= low && low <= high && high <= max && channels.power[c]! >= 0;
  });
  if (!possible) return undefined;
  return { count, min, max, histogram, channels };
}

function parseHistogram(value: unknown): Histogram | undefined {
  const entry = asObject(value);
  const [width, zeros, first] = [entry?.['width'], entry?.['zeros'], entry?.['first']];
  const counts = expand(asNumbers(entry?.['counts']));
  if (typeof width !== 'number' || !isCount(zeros) || !Number.isSafeInteger(first) || !counts) return undefined;
  const isPower = width > 0 && Number.isInteger(Math.log2(width));
  const start = Number(first);
  if (counts.length > 0 && !isPower) return undefined;
  if (!(width >= 0 && Number.isFinite(width)) || start < -SIDE || start + counts.length > SIDE) return undefined;
  return { width, zeros, first: start, counts };
}

function parseChannels(value: unknown): ValueStatistics['channels'] | undefined {
  const entry = asObject(value);
  const [min, max] = ['min', 'max'].map((key) => asReals(entry?.[key]));
  const [mean, power] = ['mean', 'power'].map((key) => asNumbers(entry?.[key]));
  if (!min || !max || !mean || !power || min.length === 0) return undefined;
  if ([max, mean, power].some((list) => list.length !== min.length)) return undefined;
  return { min, max, mean, power };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Numbers as float32 holds them, which nine digits tell apart. */
function asReals(value: unknown): readonly number[] | undefined {
  const numbers = asNumbers(value)?.map(Math.fround);
  return numbers?.every(Number.isFinite) ? numbers : undefined;
}

function asObject(value: unknown): Json | undefined {
  return isJson(value) ? value : undefined;
}

function asNumbers(value: unknown): readonly number[] | undefined {
  const numeric = (item: unknown): item is number => typeof item === 'number' && Number.isFinite(item);
  return Array.isArray(value) && value.every(numeric) ? value : undefined;
}

function round(key: string, value: unknown): unknown {
  // A bin's width is a power of two and has to stay one.
  if (key === 'width' || typeof value !== 'number' || Number.isInteger(value)) return value;
  return tabled(value);
}

/** Runs of empty bins as one negative number: 5, 0, 0, 0, 2 becomes 5, -3, 2. */
function runs(counts: readonly number[]): readonly number[] {
  const out: number[] = [];
  let empty = 0;
  for (const count of counts) {
    if (count === 0) {
      empty++;
      continue;
    }
    if (empty > 0) out.push(-empty);
    empty = 0;
    out.push(count);
  }
  return out;
}

const MAX_BINS = 2 * SIDE;

function expand(packed: readonly number[] | undefined): readonly number[] | undefined {
  const out: number[] = [];
  for (const item of packed ?? []) {
    if (!Number.isSafeInteger(item)) return undefined;
    if (item >= 0) out.push(item);
    else for (let i = 0; i < -item && out.length <= MAX_BINS; i++) out.push(0);
    if (out.length > MAX_BINS) return undefined;
  }
  return packed && out;
}
