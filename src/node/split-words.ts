import { ResedgeError } from '../errors.ts';

/**
 * The words of a line: blanks separate, single or double quotes keep together; nothing else has a meaning. `what` says what was
 * expected. Throws `usage` for a quote that is not closed, without the line, which may hold a password.
 */
export function splitWords(line: string, what: string): readonly string[] {
  return Array.from(line.matchAll(/((?:"[^"]*"|'[^']*'|[^\s"'])+|["'])/g), ([, word = '']) => {
    if (word === '"' || word === "'")
      throw new ResedgeError('usage', `${what}, received a line where a quote ${word} is not closed`);
    return word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? '');
  });
}
