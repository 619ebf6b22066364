import { join } from 'node:path';
import type { Precision } from '../../device/profile.ts';
import { isResedgeError } from '../../errors.ts';
import { oneLine } from '../../runtime/explain.ts';
import { explainMissing } from './explain.ts';
import { inTemporaryFolder } from './model-files.ts';
import { countFolder } from './node-counts.ts';
import { type OpenOptions, toOrtOptions, wasmThreads } from './options.ts';
import { loadOrt, type Ort } from './ort.ts';
import { preload } from './preload.ts';
import type { ProbeRequest, ProbeSaid } from './probe.ts';
import { PROBE_DIMS, PROBE_INPUT, PROBE_PRECISIONS, probeModel, probeOutput } from './probe-models.ts';

/** Half of the smallest difference between two right answers. */
const TOLERANCE = 0.5;

// The argument is written by probe.ts.
const { library, provider, libraries }: ProbeRequest = JSON.parse(process.argv[2] ?? '{}');

function load(): Ort {
  preload(libraries);
  const ort = loadOrt(library);
  ort.env.logLevel = 'fatal';
  if (library === 'onnxruntime-web') ort.env.wasm.numThreads = wasmThreads({ threads: 1 });
  return ort;
}

async function infer(ort: Ort, precision: Precision, profile: string): Promise<number> {
  const common = { provider, threads: 1, spinning: false, optimize: true, exactAccumulators: false } as const;
  const options: OpenOptions = { ...common, level: 'all', arena: false, profile };
  const session = await ort.InferenceSession.create(probeModel(precision), toOrtOptions(library, options));
  const start = performance.now();
  const { output } = await session.run({ input: new ort.Tensor('float32', PROBE_INPUT, PROBE_DIMS) }, ['output']);
  const ms = performance.now() - start;
  if (library === 'onnxruntime-node') session.endProfiling();
  await session.release();
  const right = probeOutput();
  const wrong = right.findIndex((value, i) => !(Math.abs(Number(output?.data[i]) - value) < TOLERANCE));
  if (wrong >= 0) throw new Error(`it computes ${output?.data[wrong]} instead of ${right[wrong]}`);
  return ms;
}

async function probe(ort: Ort, precision: Precision): Promise<ProbeSaid> {
  try {
    return await inTemporaryFolder(async (folder) => {
      const ms = await infer(ort, precision, join(folder, 'profile'));
      const nodes = countFolder(folder);
      return { precision, kind: 'right', ms, ...(nodes === undefined ? {} : { nodes }) } as const;
    });
  } catch (error) {
    const said = oneLine(error);
    return { precision, kind: 'wrong', reason: precision === 'fp32' ? said : `${precision}: ${said}` };
  }
}

function say(said: ProbeSaid): Promise<void> {
  return new Promise((resolve) => process.send?.(said, () => resolve()));
}

try {
  const ort = load();
  for (const precision of PROBE_PRECISIONS) {
    const said = await probe(ort, precision);
    await say(said);
    if (precision === 'fp32' && said.kind === 'wrong') break;
  }
} catch (error) {
  const reason = isResedgeError(error) ? error.message : explainMissing(library, error).message;
  await say({ precision: 'fp32', kind: 'wrong', reason });
}
process.disconnect?.();
