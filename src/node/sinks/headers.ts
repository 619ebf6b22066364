import { ResedgeError } from '../../errors.ts';
import { readText } from '../files.ts';

/** Reads `Name: value`, or the lines of a file given as `@file`. Throws `usage` or `io`, and does not repeat what it was given. */
export function readHeaders(text: string | undefined): Headers {
  const headers = new Headers();
  if (text === undefined) return headers;
  const lines = text.startsWith('@') ? readText(text.slice(1), 'lines of "Name: value"').split(/\r?\n/) : [text];
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const colon = line.indexOf(':');
    try {
      // Without a colon the name is empty, which is refused too.
      headers.append(line.slice(0, Math.max(0, colon)).trim(), line.slice(colon + 1).trim());
    } catch {
      const form = 'expected "Name: value" or @file with such lines';
      throw new ResedgeError('usage', `--header: ${form} (what came is not shown, it may hold a token)`);
    }
  }
  return headers;
}
