/** Results go here; a reader that went away (`| head`) is not an error. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Warnings and notes, one line each. */
export function note(line: string): void {
  process.stderr.write(`resedge: ${line}\n`);
}

/** Rows in columns: the first left-aligned, the others right-aligned. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map(
      (row) =>
        indent + row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names beside their values, both left-aligned. */
export function fields(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`).join('\n');
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
}

/** Bytes in units of 2^20 or 2^10. */
export function byteSize(bytes: number): string {
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
      if (live) process.stderr.write(`\r\x1b[K${text}`);
    },
    done: () => {
      if (live) process.stderr.write('\r\x1b[K');
    },
  };
}
