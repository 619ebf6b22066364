import { ResedgeError } from '../../src/errors.ts';

declare const atob: (base64: string) => string;
declare const btoa: (bytes: string) => string;

/** Features of some pictures of every class, in 8 bits: what a model needs to learn another class without the old pictures. */
export type FeatureMemory = {
  readonly width: number;
  /** Features are offset + scale * stored. */
  readonly scale: number;
  readonly offset: number;
  /** Rows of each class, in the order of the labels. */
  readonly counts: readonly number[];
  /** [sum of counts, width]. */
  readonly stored: Uint8Array;
};

/** What all classes together may take; base64 in the file adds a third. */
export const MAX_MEMORY_BYTES: number = 384 * 2 ** 10;
/** Fewer pictures than this say too little of a class. */
const FEWEST = 4;
/** Values of a byte. */
const LEVELS = 255;

/** Pictures of each class that are remembered; 0 where the classes are too many for any. */
export function rememberedPerClass(classes: number, width: number): number {
  const most = Math.floor(MAX_MEMORY_BYTES / (classes * width));
  return most < FEWEST ? 0 : most;
}

/**
 * Stores rows of features, class by class, each [n, width]. Features that are integers already, at `step` from each other and above
 * `zero`, are stored exactly.
 */
export function remember(
  rows: readonly Float32Array[],
  width: number,
  step?: { readonly scale: number; readonly offset: number },
): FeatureMemory {
  const { scale, offset } = step ?? spanOf(rows);
  const counts = rows.map((row) => row.length / width);
  const stored = new Uint8ClampedArray(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) for (const value of row) stored[at++] = (value - offset) / scale;
  return { width, scale, offset, counts, stored: new Uint8Array(stored.buffer) };
}

function spanOf(rows: readonly Float32Array[]): { readonly scale: number; readonly offset: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    for (const value of row) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return { scale: max > min ? (max - min) / LEVELS : 1, offset: min };
}

/** The features of one class, [n, width]. */
export function recall({ width, scale, offset, counts, stored }: FeatureMemory, index: number): Float32Array {
  const before = counts.slice(0, index).reduce((sum, count) => sum + count, 0);
  const rows = stored.subarray(before * width, (before + (counts[index] ?? 0)) * width);
  return Float32Array.from(rows, (value) => Math.fround(offset + scale * value));
}

/** As the text of a metadata entry: the figures as JSON, a space, and the bytes in base64. */
export function formatMemory({ width, scale, offset, counts, stored }: FeatureMemory): string {
  return `${JSON.stringify({ width, scale, offset, counts })} ${toBase64(stored)}`;
}

/** Reads what {@link formatMemory} wrote, for `classes` classes of `width` features. Throws `input` for anything else. */
export function parseMemory(text: string, classes: number, width: number): FeatureMemory {
  const end = text.lastIndexOf(' ');
  try {
    const { scale, offset, counts, ...head } = JSON.parse(text.slice(0, end)) as Omit<FeatureMemory, 'stored'>;
    const stored = fromBase64(text.slice(end + 1));
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const sound =
      scale > 0 && Number.isFinite(offset) && counts.every((count) => Number.isInteger(count) && count >= 0);
    if (sound && head.width === width && counts.length === classes && stored.length === rows * width) {
      return { width, scale, offset, counts, stored };
    }
  } catch {
    // The same line says so.
  }
  throw new ResedgeError(
    'input',
    `expected the features of ${classes} classes, ${width} of each picture, in the model's memory, found damaged ones: learn the classes again`,
  );
}

/** Characters at once: more arguments than this a call may not take. */
const CHUNK = 2 ** 13;

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
