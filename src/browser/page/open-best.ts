import type { PageModel } from '../../device/page-manifest.ts';
import { deviceTypeOf } from '../gpu.ts';
import { isResedgeError, ResedgeError } from '../index.ts';
import type { BrowserProvider } from '../open-model.ts';
import type { Candidates } from './candidates.ts';
import type { Opened, OpenWhat } from './protocol.ts';
import type { Remote } from './remote.ts';

export type Best = {
  readonly file: PageModel;
  readonly opened: Opened;
  /** What was asked for. */
  readonly what: OpenWhat;
  /** What a person should know, one line each. */
  readonly notes: readonly string[];
};

/**
 * Opens the best pair that this browser runs, of one file where one is named. Only providers that are not present are passed over, which
 * is noted. Throws `unavailable` where none is left.
 */
export async function openBest(remote: Remote, { profile, pairs }: Candidates, only?: PageModel): Promise<Best> {
  const passed: string[] = [];
  for (const { choice, file } of pairs) {
    if (only !== undefined && file !== only) continue;
    const provider = choice.provider as BrowserProvider;
    const what: OpenWhat = {
      path: file.path,
      provider,
      threads: provider === 'wasm' ? profile.threads : 1,
      deviceType: deviceTypeOf({ providerOptions: choice.options ?? {} }),
    };
    try {
      const opened = await remote.open(what);
      return { file, opened, what, notes: [...passed, ...opened.warnings] };
    } catch (error) {
      if (!isResedgeError(error, 'unavailable')) throw error;
      passed.push(error.message);
    }
  }
  throw new ResedgeError(
    'unavailable',
    passed.at(-1) ??
      'expected a model that this browser can run, none of the page is one: write it anew with an INT8 one',
  );
}
