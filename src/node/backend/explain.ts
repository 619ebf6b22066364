import { type Fault, oneLine } from '../../runtime/explain.ts';
import type { Library } from './ort.ts';

/** Why a library could not be loaded, and the command that brings it. */
export function explainMissing(library: Library, error: unknown): Fault {
  const mend =
    library === 'onnxruntime-node'
      ? 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node (64-bit x64 or Arm, glibc 2.28 or later)'
      : 'npm install onnxruntime-web';
  return {
    code: 'unavailable',
    message: `expected ${library} to load, ${oneLine(error).split(' Require stack')[0]}: ${mend}`,
  };
}
