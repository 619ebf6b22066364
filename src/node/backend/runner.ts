import type { ModelRunner } from '../../../converter/runner.ts';
import { concat } from '../../onnx/encode.ts';
import type { Session } from '../../runtime/types.ts';
import { isInstalled } from './installed.ts';
import { stageModel } from './model-files.ts';
import type { OpenOptions } from './options.ts';
import { openInWorker } from './worker-session.ts';

/**
 * `extended` fuses everything but the blocked layout, whose second copy of every weight gains nothing where the tensors in
 * between are fetched.
 */
function optionsOf(provider: 'cpu' | 'wasm', optimize: boolean): OpenOptions {
  const level = optimize ? 'extended' : 'disabled';
  return { provider, threads: 0, spinning: false, optimize, exactAccumulators: false, level, arena: false };
}

async function openNative(chunks: Iterable<Uint8Array>, optimize: boolean): Promise<Session> {
  const { source, remove } = stageModel(chunks);
  try {
    return await openInWorker('onnxruntime-node', source, optionsOf('cpu', optimize));
  } finally {
    // What is mapped stays readable without its name, so nothing is left even if the process is killed later.
    remove();
  }
}

/**
 * The converter's model runner on this machine: native where onnxruntime-node is installed, else WASM. It runs in a worker
 * thread; large weights are mapped from a temporary file, removed before the promise settles, and cost their size once.
 */
export const runModel: ModelRunner = async (chunks, { optimize }) => {
  const session = isInstalled('onnxruntime-node').available
    ? await openNative(chunks, optimize)
    : await openInWorker('onnxruntime-web', { kind: 'bytes', bytes: concat(chunks) }, optionsOf('wasm', optimize));
  return { run: async (feeds, outputs) => (await session.run(feeds, outputs)).outputs, close: session.close };
};
