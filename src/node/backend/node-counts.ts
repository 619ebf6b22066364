import { readdirSync, readFileSync } from 'node:fs';

/** How many nodes of the optimized graph each provider runs, by provider. */
export type NodeCounts = Readonly<Record<string, number>>;

/** ONNX Runtime's names of its providers in profiles. */
const NAMES: Readonly<Record<string, string>> = {
  CPUExecutionProvider: 'cpu',
  CUDAExecutionProvider: 'cuda',
  TensorrtExecutionProvider: 'tensorrt',
  WebGpuExecutionProvider: 'webgpu',
  CoreMLExecutionProvider: 'coreml',
  DmlExecutionProvider: 'dml',
};

type Event = { readonly cat?: string; readonly name?: string; readonly args?: { readonly provider?: string } };

/** Counts the nodes in a profile of one run, as ONNX Runtime writes it: one kernel event a node, naming the provider that ran it. */
export function countProfile(text: string): NodeCounts {
  const counts: Record<string, number> = {};
  for (const { cat, name, args } of JSON.parse(text) as readonly Event[]) {
    if (cat !== 'Node' || name?.endsWith('_kernel_time') !== true || args?.provider === undefined) continue;
    const provider = NAMES[args.provider] ?? args.provider;
    counts[provider] = (counts[provider] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The counts in the only profile of a folder; undefined where none was written. */
export function countFolder(folder: string): NodeCounts | undefined {
  const file = readdirSync(folder).find((name) => name.endsWith('.json'));
  return file === undefined ? undefined : countProfile(readFileSync(`${folder}/${file}`, 'utf8'));
}
