import { join } from 'node:path';
import type { Session } from '../../runtime/types.ts';
import { inTemporaryFolder } from './model-files.ts';
import { countFolder, type NodeCounts } from './node-counts.ts';

/**
 * How many nodes each provider runs, from ONNX Runtime's own profile of one run: opens a session of its own, which writes its profile
 * under the given prefix, runs it and closes it. Undefined where none is written: WASM has no files, and runs every node itself.
 */
export function countNodes(
  open: (prefix: string) => Promise<Session>,
  run: (session: Session) => Promise<unknown>,
): Promise<NodeCounts | undefined> {
  return inTemporaryFolder(async (folder) => {
    const session = await open(join(folder, 'profile'));
    try {
      await run(session);
    } finally {
      await session.close();
    }
    return countFolder(folder);
  });
}
