import { ResedgeError } from '../../errors.ts';
import { splitWords } from '../split-words.ts';

const WANTED = '--exec: expected a program and its arguments';

/** A program and its arguments from one line. Throws `usage` where there is none. */
export function splitCommand(line: string): readonly [program: string, ...args: string[]] {
  const [program, ...args] = splitWords(line, WANTED);
  if (program === undefined || program === '') throw new ResedgeError('usage', `${WANTED}, received an empty line`);
  return [program, ...args];
}
