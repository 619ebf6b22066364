import { parseArgs } from 'node:util';

/**
 * Whole-number options of a bench from the command line, `--name n`, each with its default. Throws for an option that is
 * neither among them nor among `others`, and for a value that is no whole number.
 */
export function wholeNumbers<K extends string>(
  defaults: Readonly<Record<K, number>>,
  others: readonly string[] = [],
): Readonly<Record<K, number>> {
  const names = Object.keys(defaults) as K[];
  const options = Object.fromEntries([...names, ...others].map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const entries = names.map((name) => {
    const text = values[name];
    const value = text === undefined ? defaults[name] : Number(text);
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`expected a whole number for --${name}, received ${text}`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Record<K, number>;
}

/** An option that is one of some words, the first of them where it is left out. Throws for another word. */
export function choice<T extends string>(name: string, words: readonly [T, ...T[]]): T {
  const { values } = parseArgs({ options: { [name]: { type: 'string' } }, strict: false });
  const word = values[name] ?? words[0];
  const found = words.find((known) => known === word);
  if (found === undefined) throw new Error(`expected one of ${words.join(', ')} for --${name}, received ${word}`);
  return found;
}
