import type { Precision } from '../../device/profile.ts';
import { oneLine } from '../../runtime/explain.ts';
import { queue } from '../../runtime/queue.ts';
import type { Provider } from '../../runtime/types.ts';
import type { NodeCounts } from './node-counts.ts';
import type { Library } from './ort.ts';
import { ownRuntime } from './own-runtime.ts';
import { startProcess } from './start-process.ts';

/** What a probe's process is started with. */
export type ProbeRequest = {
  readonly library: Library;
  readonly provider: Provider;
  /** Loaded before ONNX Runtime. */
  readonly libraries: readonly string[];
};

/** What it says of one test model. */
export type ProbeSaid =
  | { readonly precision: Precision; readonly kind: 'right'; readonly ms: number; readonly nodes?: NodeCounts }
  | { readonly precision: Precision; readonly kind: 'wrong'; readonly reason: string };

/** Whether a provider computes here, found out by letting it. */
export type ProbeResult = {
  readonly provider: Provider;
  readonly library: Library;
  /** It computes in FP32. */
  readonly available: boolean;
  /** Why not, or what it does not compute; empty where all is well. */
  readonly reason: string;
  /** Milliseconds until the process had answered. */
  readonly ms: number;
  readonly precisions: readonly Precision[];
  /** Nodes of the FP32 test model by the provider that ran them; absent for WASM. */
  readonly nodes?: NodeCounts;
};

/** A cold WebGPU compiles its shaders for several seconds; TensorRT builds three engines. */
const TIME_LIMIT = 60_000;
const MAX_STDERR = 4096;

const inTurn = queue();
const known = new Map<string, Promise<ProbeResult>>();

/**
 * Lets a provider run three small models in a process of its own, one provider at a time, and compares the results with the right ones:
 * a library that crashes, hangs or computes nonsense harms nobody. The answer stands for the life of this process.
 */
export function probe(request: ProbeRequest): Promise<ProbeResult> {
  const key = JSON.stringify([request, ownRuntime()]);
  const asked = known.get(key) ?? inTurn(() => probeAfresh(request));
  known.set(key, asked);
  return asked;
}

/** The same at once, whatever is known. Past the limit, in milliseconds, the process is killed. */
export async function probeAfresh(request: ProbeRequest, timeLimit: number = TIME_LIMIT): Promise<ProbeResult> {
  const start = performance.now();
  const { said, end } = await converse(request, timeLimit);
  const ms = performance.now() - start;
  const first = said.find(({ precision }) => precision === 'fp32');
  const right = said.filter((one) => one.kind === 'right');
  const wrong = said.filter((one) => one.kind === 'wrong').map(({ reason }) => reason);
  const nodes = first?.kind === 'right' ? first.nodes : undefined;
  return {
    provider: request.provider,
    library: request.library,
    available: first?.kind === 'right',
    reason: [...wrong, ...(end === undefined ? [] : [end])].join('; '),
    ms,
    precisions: right.map(({ precision }) => precision),
    ...(nodes === undefined ? {} : { nodes }),
  };
}

type Conversation = { readonly said: readonly ProbeSaid[]; readonly end: string | undefined };

function converse(request: ProbeRequest, timeLimit: number): Promise<Conversation> {
  const probing = startProcess(new URL('./probe-child.js', import.meta.url), request, { stderr: 'pipe' });
  const said: ProbeSaid[] = [];
  let stderr = '';
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    probing.kill('SIGKILL');
  }, timeLimit);
  probing.on('message', (message) => said.push(message as ProbeSaid));
  probing.stderr?.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-MAX_STDERR);
  });
  return new Promise((resolve) => {
    probing.on('error', (error) => resolve({ said, end: `its process could not start: ${oneLine(error)}` }));
    probing.on('close', (code, signal) => {
      clearTimeout(timer);
      const words = lastWords(stderr);
      if (late) resolve({ said, end: `it gave no answer within ${timeLimit / 1000} s` });
      else if (signal !== null) resolve({ said, end: `its process was ended by ${signal}${words}` });
      else resolve({ said, end: code === 0 ? undefined : `its process ended with exit code ${code}${words}` });
    });
  });
}

/** The line of stderr that says most: the first one that speaks of an error, else the last. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((one) => /\berror: |terminate called|what\(\)/i.test(one)) ?? lines.at(-1);
  return line === undefined ? '' : `: ${oneLine(line)}`;
}
