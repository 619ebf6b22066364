import type { ProviderChoice } from './profile.ts';
import { type ModelKind, refusal } from './runs.ts';

/** A provider with a file that it runs. */
export type Pair<F> = { readonly choice: ProviderChoice; readonly file: F };

/**
 * What to open, best first, of several files of one network: providers in the profile's order, for each the file of the precision that
 * it wants, then the others that it runs. `lacks` says what is known to be missing here for a pair.
 */
export function pairFiles<F extends ModelKind>(
  choices: readonly ProviderChoice[],
  files: readonly F[],
  lacks: (pair: Pair<F>) => boolean = () => false,
): readonly Pair<F>[] {
  return choices.flatMap((choice) => {
    const able = files.filter((file) => refusal(choice.provider, file) === undefined);
    const wanted = able.filter(({ precision }) => precision === choice.precision);
    const others = able.filter(({ precision }) => precision !== choice.precision);
    return [...wanted, ...others].map((file) => ({ choice, file })).filter((pair) => !lacks(pair));
  });
}
