import { isResedgeError, ResedgeError } from '../errors.ts';
import { reasonOf } from '../node/files.ts';

let refusal: Error | undefined;
process.stdout.on('error', (error) => {
  refusal ??= error;
});
// Whoever reads the notes may stop reading.
process.stderr.on('error', () => undefined);

/** Results go here. Throws like {@link finishPrinting} where an earlier line could not be written. */
export function print(line: string): void {
  expectPrinted();
  process.stdout.write(`${line}\n`);
}

/** Waits until everything is printed. Throws `io` where that failed; see {@link isUnread}. */
export async function finishPrinting(): Promise<void> {
  await new Promise((resolve) => {
    // A failure is reported one step after the write that failed.
    process.stdout.write('', () => setImmediate(resolve));
  });
  expectPrinted();
}

function expectPrinted(): void {
  if (refusal === undefined) return;
  throw new ResedgeError('io', `the output could not be written, ${reasonOf(refusal)}`, { cause: refusal });
}

/** True for the error of a reader that went away, as `| head` does, which is nobody's fault. */
export function isUnread(error: unknown): boolean {
  const cause = isResedgeError(error, 'io') ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE';
}

/** Warnings, notes and errors, one line each whatever names and messages contain. */
export function note(line: string): void {
  process.stderr.write(`resedge: ${line.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`);
}

/** Names the pictures that were left out, counts them, and makes the command end with exit code 1. */
export function noteSkipped(messages: readonly string[], total: number): void {
  for (const [i, message] of messages.entries()) note(`skipped ${i + 1} of ${total} pictures: ${message}`);
  if (messages.length > 0) process.exitCode = 1;
}

/** Rows in columns: the first left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  return aligned(rows, '  ', (cell, width, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(width)));
}

/** Rows in left-aligned columns, save those of figures. */
export function columns(rows: readonly (readonly string[])[], gap = '  ', figures: readonly number[] = []): string {
  return aligned(rows, gap, (cell, width, i) => (figures.includes(i) ? cell.padStart(width) : cell.padEnd(width)));
}

function aligned(
  rows: readonly (readonly string[])[],
  gap: string,
  pad: (cell: string, width: number, column: number) => string,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) => `  ${row.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(gap)}`.trimEnd()).join('\n');
}

/** Names beside their values, both left-aligned. */
export function fields(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`).join('\n');
}

/** A number with its noun, which takes an s for all but one. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
}

/** Bytes, from 2^10 on in units of that or of 2^20. */
export function byteSize(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} B`;
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MB` : `${(bytes / 2 ** 10).toFixed(0)} kB`;
}

/** Eight steps a character. */
const EIGHTHS = ' ▏▎▍▌▋▊▉█';

/** A bar for a share in [0, 1]. */
export function bar(value: number, width: number): string {
  const eighths = Math.round(value * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS.charAt(eighths % 8).trim();
}

/** A line that counts up on stderr, only on a terminal; `done` wipes it. */
export function progress(): { readonly show: (text: string) => void; readonly done: () => void } {
  const live = process.stderr.isTTY === true;
  return {
    show: (text) => {
      // A line that wraps could not be wiped.
      if (live) process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || text.length + 1) - 1)}`);
    },
    done: () => {
      if (live) process.stderr.write('\r\x1b[K');
    },
  };
}
