import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelRunner, RunningModel } from '../../../converter/runner.ts';
import type { Ort, OrtOptions, OrtSession } from '../../../src/node/backend/ort.ts';
import { concat } from '../../../src/onnx/encode.ts';
import type { DType } from '../../../src/tensor/dtype.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

type Options = OrtOptions & { readonly enableProfiling?: boolean; readonly profileFilePrefix?: string };
type Session = OrtSession & { readonly endProfiling: () => void };

const ort: Ort = createRequire(import.meta.url)('onnxruntime-node');

async function open(model: Uint8Array, options: Partial<Options>): Promise<Session> {
  const whole: Options = {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    ...options,
  };
  return (await ort.InferenceSession.create(model, whole)) as Session;
}

async function runSession(
  session: OrtSession,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[] = session.outputMetadata.map(({ name }) => name),
): Promise<Readonly<Record<string, Tensor>>> {
  const inputs = Object.entries(feeds).map(([name, { dtype, dims, data }]) => [
    name,
    new ort.Tensor(dtype, data, dims),
  ]);
  const results = await session.run(Object.fromEntries(inputs), outputs);
  const tensors = Object.entries(results).map(([name, { type, dims, data }]) => [
    name,
    { dtype: type as DType, dims, data },
  ]);
  return Object.fromEntries(tensors);
}

/** ONNX Runtime in this process, one thread: what the converter is tested with. */
export const runInProcess: ModelRunner = async (chunks, { optimize }): Promise<RunningModel> => {
  const session = await open(concat(chunks), { graphOptimizationLevel: optimize ? 'all' : 'disabled' });
  return { run: (feeds, outputs) => runSession(session, feeds, outputs), close: () => session.release() };
};

/** The model's one output on one input, as float32; `entries` are ONNX Runtime's own settings of the session. */
export async function logitsOf(
  model: Uint8Array,
  input: Tensor,
  level: OrtOptions['graphOptimizationLevel'] = 'all',
  entries: Readonly<Record<string, string>> = {},
): Promise<Float32Array> {
  const session = await open(model, { graphOptimizationLevel: level, extra: { session: entries } });
  const [output] = Object.values(await runSession(session, { input }));
  await session.release();
  if (output?.dtype !== 'float32') throw new Error(`expected float32 logits, received ${output?.dtype}`);
  return output.data;
}

/** How many nodes of each operator ONNX Runtime executed, by its own profile. */
export async function executedOps(model: Uint8Array, input: Tensor): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'resedge-profile-'));
  try {
    const session = await open(model, { enableProfiling: true, profileFilePrefix: join(folder, 'profile') });
    await runSession(session, { input });
    session.endProfiling();
    await session.release();
    const [file = ''] = readdirSync(folder);
    return countOps(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Event = { readonly cat: string; readonly name: string; readonly args?: { readonly op_name?: string } };

function countOps(events: readonly Event[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { cat, name, args } of events) {
    const op = args?.op_name;
    if (cat === 'Node' && name.endsWith('_kernel_time') && op !== undefined) counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}
