import { join } from 'node:path';
import type { ModelRunner, RunningModel, RunOptions } from '../../../converter/runner.ts';
import { decodeModel } from '../../onnx/decode.ts';
import { concat } from '../../onnx/encode.ts';
import type { OnnxNode } from '../../onnx/schema.ts';
import type { Session } from '../../runtime/types.ts';
import { readBytes } from '../files.ts';
import { isInstalled } from './installed.ts';
import { inTemporaryFolder, stageModel } from './model-files.ts';
import type { OpenOptions } from './options.ts';
import { openInWorker } from './worker-session.ts';

/**
 * From this size on a session gives its memory back after every run. Below it keeps it: a quarter of the time of a run that hands out
 * many values goes into fresh pages (measured on ResNet-50).
 */
const LARGE_MODEL = 128 * 2 ** 20;

/**
 * `extended` fuses everything but the blocked layout, whose second copy of every weight gains nothing where the tensors in
 * between are fetched.
 */
function optionsOf(provider: 'cpu' | 'wasm', optimize: boolean, size: number): OpenOptions {
  const level = optimize ? 'extended' : 'disabled';
  const arena = optimize && size < LARGE_MODEL;
  return { provider, threads: 0, spinning: false, optimize, exactAccumulators: false, level, arena };
}

type Opened = { readonly session: Session; readonly executed?: readonly OnnxNode[] };

async function openNative(chunks: Iterable<Uint8Array>, { optimize, explain }: RunOptions): Promise<Opened> {
  const { source, size, remove } = stageModel(chunks);
  const open = (more: Pick<OpenOptions, 'optimizedModel'>): Promise<Session> =>
    openInWorker('onnxruntime-node', source, { ...optionsOf('cpu', optimize, size), ...more }, { replace: false });
  try {
    if (explain !== true) return { session: await open({}) };
    return await inTemporaryFolder(async (folder) => {
      const optimizedModel = join(folder, 'executed.onnx');
      const session = await open({ optimizedModel });
      const bytes = readBytes(optimizedModel, 'the graph that ONNX Runtime runs');
      // Float weights may lie in the staged model's own file; nodes alone are looked at.
      const { graph } = decodeModel(bytes, ({ length }) => new Uint8Array(length));
      return { session, executed: graph.nodes };
    });
  } finally {
    // What is mapped stays readable without its name, so nothing is left even if the process is killed later.
    remove();
  }
}

async function openWasm(chunks: Iterable<Uint8Array>, { optimize }: RunOptions): Promise<Opened> {
  const model = { kind: 'bytes', bytes: concat(chunks) } as const;
  return {
    session: await openInWorker('onnxruntime-web', model, optionsOf('wasm', optimize, model.bytes.length), {
      replace: false,
    }),
  };
}

/**
 * The converter's model runner on this machine: native where onnxruntime-node is installed, else WASM. It runs in a worker
 * thread; large weights are mapped from a temporary file, removed before the promise settles, and cost their size once.
 */
export const runModel: ModelRunner = async (chunks, options) => {
  const { session, ...known } = isInstalled('onnxruntime-node').available
    ? await openNative(chunks, options)
    : await openWasm(chunks, options);
  const run: RunningModel['run'] = async (feeds, outputs) => (await session.run(feeds, outputs)).outputs;
  return { ...known, run, close: session.close };
};
