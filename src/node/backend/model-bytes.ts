import { statSync } from 'node:fs';
import type { ModelSource } from '../../runtime/types.ts';

/** The size of a model; 0 for a path without a file, which opening will report. */
export function modelBytes(model: ModelSource): number {
  if (model.kind === 'bytes') return model.bytes.byteLength;
  const stats = statSync(model.path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : 0;
}
