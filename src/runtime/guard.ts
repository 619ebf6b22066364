import { ResedgeError } from '../errors.ts';
import { checkFeeds, checkOutputNames } from './check-feeds.ts';
import type { Feeds, RunResult, Session } from './types.ts';

/** A library's session, before its calls are checked. */
export type BareSession = Omit<Session, 'run'> & {
  readonly run: (feeds: Feeds, outputs: readonly string[]) => Promise<RunResult>;
};

/**
 * Gives a session the manners of the interface: feeds and output names are checked, it closes once, and a run that is asked for
 * after that throws `usage`.
 */
export function guard(bare: BareSession): Session {
  const { inputs, outputs } = bare;
  const all = outputs.map((output) => output.name);
  let closing: Promise<void> | undefined;
  const run = async (feeds: Feeds, asked: readonly string[] = all): Promise<RunResult> => {
    if (closing !== undefined)
      throw new ResedgeError('usage', 'expected an open session, this one is closed: open the model again');
    checkFeeds(inputs, feeds);
    checkOutputNames(outputs, asked);
    return await bare.run(feeds, asked);
  };
  const close = (): Promise<void> => {
    closing ??= bare.close();
    return closing;
  };
  return { ...bare, run, close };
}
