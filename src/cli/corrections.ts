import { InvalidArgumentError } from 'commander';
import { CORRECTIONS, type Correction } from '../../converter/quantize/recipe.ts';

/** Parses `auto`, `all`, `none` or names of corrections, in any order. */
export function corrections(text: string): readonly Correction[] | 'auto' {
  if (text === 'auto') return 'auto';
  if (text === 'all') return CORRECTIONS;
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = CORRECTIONS;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Expected auto, all, none or some of ${CORRECTIONS.join(',')}.`);
  return CORRECTIONS.filter((name) => names.includes(name));
}
