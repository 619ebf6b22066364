import { print, table } from '../../../src/cli/print.ts';

/** One row of a bench's table; a figure without a goal stands for comparison. */
export type Figure = {
  readonly name: string;
  readonly measured: string;
  readonly goal?: string;
  readonly met?: boolean;
};

/** A figure that must reach `goal` from below or stay under it. */
export function figure(
  name: string,
  value: number,
  bound: 'at least' | 'at most',
  goal: number,
  write: (value: number) => string,
): Figure {
  const met = bound === 'at least' ? value >= goal : value <= goal;
  return { name, measured: write(value), goal: `${bound} ${write(goal)}`, met };
}

/** Prints measured values beside their goals. */
export function report(title: string, figures: readonly Figure[]): void {
  const rows = figures.map(({ name, measured, goal = '', met }) => {
    return [name, measured, goal, met === undefined ? '' : met ? 'met' : 'MISSED'];
  });
  print(`${title}\n${table([['', 'measured', 'goal', ''], ...rows])}`);
}

/** A line on stderr that says what is under way. */
export function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}
