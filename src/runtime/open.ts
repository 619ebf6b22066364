import { isResedgeError, ResedgeError } from '../errors.ts';
import type { Backend, ModelSource, Provider, Session, SessionOptions } from './types.ts';

export type OpenCandidate = { readonly backend: Backend; readonly options: SessionOptions };

export type OpenSettings = {
  /** True: the first candidate or an error. */
  readonly strict: boolean;
};

/** What was chosen, and what was passed over on the way, in order. */
export type OpenChoice = {
  readonly provider: Provider;
  readonly backend: Backend['name'];
  readonly skipped: readonly {
    readonly provider: Provider;
    readonly backend: Backend['name'];
    readonly reason: string;
  }[];
};

export type OpenedSession = { readonly session: Session; readonly choice: OpenChoice };

/**
 * Opens the model with the first candidate that is present here. Only code `unavailable` moves on to the next one; every other
 * error is thrown as it is. Throws `unavailable` with every reason if none is left, or at the first one if strict.
 */
export async function openSession(
  source: ModelSource,
  candidates: readonly OpenCandidate[],
  { strict }: OpenSettings,
): Promise<OpenedSession> {
  const skipped: OpenChoice['skipped'][number][] = [];
  for (const { backend, options } of candidates) {
    const { provider } = options;
    try {
      const session = await backend.open(source, options);
      return { session, choice: { provider, backend: backend.name, skipped } };
    } catch (error) {
      if (!isResedgeError(error, 'unavailable')) throw error;
      if (strict)
        throw new ResedgeError('unavailable', `strict: expected ${provider} of ${backend.name}, ${error.message}`, {
          cause: error,
        });
      skipped.push({ provider, backend: backend.name, reason: error.message });
    }
  }
  const tried = skipped.map(({ provider, reason }) => `${provider} (${reason})`).join('; ');
  throw new ResedgeError(
    'unavailable',
    `expected a provider that can run here, tried ${tried || 'none: the plan is empty'}`,
  );
}
