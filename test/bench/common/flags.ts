import { parseArgs } from 'node:util';

/**
 * Whole-number options of a bench from the command line, `--name n`, each with its default. Throws for an option that is
 * not among them and for a value that is no whole number.
 */
export function wholeNumbers<K extends string>(defaults: Readonly<Record<K, number>>): Readonly<Record<K, number>> {
  const names = Object.keys(defaults) as K[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
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
