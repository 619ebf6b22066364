import { ResedgeError } from '../../errors.ts';

/** A program and its arguments from one line: blanks separate, single or double quotes keep together; nothing else has a meaning. */
export function splitCommand(line: string): readonly [program: string, ...args: string[]] {
  const words: string[] = [];
  for (const [, word = ''] of line.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+|["'])/g)) {
    if (word === '"' || word === "'") {
      throw new ResedgeError(
        'usage',
        `--exec: expected a program and its arguments, received ${line}: a quote ${word} is not closed`,
      );
    }
    words.push(
      word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
    );
  }
  const [program, ...args] = words;
  if (program === undefined || program === '') {
    throw new ResedgeError('usage', '--exec: expected a program and its arguments, received an empty line');
  }
  return [program, ...args];
}
