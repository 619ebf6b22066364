import { ResedgeError } from '../../src/errors.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';

const VERSION = 1;
const KIND = 'resedge calibration table';
/** Digits that a saved real keeps: more than float32 has. */
const DIGITS = 9;

/** Where statistics come from, saved beside them. */
export type TableSource = {
  /** SHA-256 of the weights file, lower-case hexadecimal. */
  readonly sha256: string;
  readonly pictures: number;
  readonly note?: string;
};

export type Table = TableSource & { readonly statistics: Statistics };

/** Statistics as JSON text that {@link parseTable} reads; histograms in full, so that any method can use it later. */
export function formatTable({ statistics, ...source }: Table): string {
  const values = [...statistics].map(
    ([name, { histogram, channels, ...rest }]) =>
      `${JSON.stringify(name)}: ${JSON.stringify({ ...rest, histogram: { ...histogram, counts: runs(histogram.counts) }, channels }, round)}`,
  );
  const head = JSON.stringify({ kind: KIND, version: VERSION, ...source }).slice(0, -1);
  return `${head},"values":{\n${values.join(',\n')}\n}}\n`;
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
    throw new ResedgeError('input', 'expected JSON in the calibration table', { cause });
  }
  const root = asObject(json) ?? fail('an object');
  if (root['kind'] !== KIND || root['version'] !== VERSION) fail(`"kind": "${KIND}" and "version": ${VERSION}`);
  const { sha256, pictures, note } = root;
  if (typeof sha256 !== 'string' || typeof pictures !== 'number') return fail('"sha256" and "pictures"');
  const values = asObject(root['values']) ?? fail('"values"');
  const statistics = new Map<string, ValueStatistics>();
  for (const [name, value] of Object.entries(values)) {
    statistics.set(name, parseValue(value) ?? fail(`finite statistics of ${name}`));
  }
  return { sha256, pictures, ...(typeof note === 'string' ? { note } : {}), statistics };
}

function parseValue(value: unknown): ValueStatistics | undefined {
  const entry = asObject(value);
  const histogram = asObject(entry?.['histogram']);
  const channels = asObject(entry?.['channels']);
  const numbers = [entry?.['count'], entry?.['min'], entry?.['max']];
  const shape = [histogram?.['width'], histogram?.['zeros'], histogram?.['first']];
  const counts = expand(asNumbers(histogram?.['counts']));
  const [min, max, mean, power] = ['min', 'max', 'mean', 'power'].map((key) => asNumbers(channels?.[key]));
  const [count, low, high] = asNumbers(numbers) ?? [];
  const [width, zeros, first] = asNumbers(shape) ?? [];
  if (count === undefined || low === undefined || high === undefined) return undefined;
  if (width === undefined || zeros === undefined || first === undefined || !counts) return undefined;
  if (!min || !max || !mean || !power || [max, mean, power].some((list) => list.length !== min.length))
    return undefined;
  return {
    count,
    min: low,
    max: high,
    histogram: { width, zeros, first, counts },
    channels: { min, max, mean, power },
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function asNumbers(value: unknown): readonly number[] | undefined {
  const numeric = (item: unknown): item is number => typeof item === 'number' && Number.isFinite(item);
  return Array.isArray(value) && value.every(numeric) ? value : undefined;
}

function round(key: string, value: unknown): unknown {
  // A bin's width is a power of two and has to stay one.
  if (key === 'width' || typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(DIGITS));
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

/** Histograms have at most this many bins. */
const MAX_BINS = 4096;

function expand(packed: readonly number[] | undefined): readonly number[] | undefined {
  const out: number[] = [];
  for (const item of packed ?? []) {
    if (item >= 0) out.push(item);
    else for (let i = 0; i < -item && out.length <= MAX_BINS; i++) out.push(0);
    if (out.length > MAX_BINS) return undefined;
  }
  return packed && out;
}
