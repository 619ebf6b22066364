import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import { isInstalled } from '../backend/installed.ts';
import { inTemporaryFolder } from '../backend/model-files.ts';
import type { OpenOptions } from '../backend/options.ts';
import { openInWorker } from '../backend/worker-session.ts';
import { writeWhole } from '../write-whole.ts';

const NAME = 'onnxruntime-node';

/**
 * `extended` fuses integer operators, which a file in this format gets no more when it is opened, and leaves out the memory layouts of
 * the processor at hand: the file computes the same on every CPU and in WebAssembly.
 */
const LEVEL = 'extended';

const OPTIONS: OpenOptions = {
  ...{ provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false },
  ...{ level: LEVEL, arena: false },
};

/** Throws `unavailable` where nothing here can write ONNX Runtime's format. */
export function expectOrtWriter(): void {
  const native = isInstalled(NAME);
  if (native.available) return;
  throw new ResedgeError(
    'unavailable',
    `--target ort is written by ${NAME}, which is not to be had here: ${native.reason}`,
  );
}

/** A model in ONNX Runtime's own format, optimized and with its metadata. */
export function toOrtFormat(model: Iterable<Uint8Array>): Promise<Uint8Array> {
  return inTemporaryFolder(async (folder) => {
    const [plain, optimized] = [join(folder, 'model.onnx'), join(folder, 'model.ort')];
    writeWhole(plain, model);
    // The name's ending tells the format.
    const written: OpenOptions = { ...OPTIONS, optimizedModel: optimized };
    const session = await openInWorker(NAME, { kind: 'path', path: plain }, written, { replace: false });
    await session.close();
    return readFileSync(optimized);
  });
}
