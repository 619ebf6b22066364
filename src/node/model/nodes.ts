import { countNodes } from '../backend/count-nodes.ts';
import { openNative } from '../backend/native.ts';
import type { NodeCounts } from '../backend/node-counts.ts';
import { runOnce } from '../backend/tensorrt.ts';
import type { OpenedModel } from './open-model.ts';

/**
 * How many nodes of a model each provider runs, from a profile of one run in a session of its own, opened as the model's. Undefined for
 * WASM, which runs them all and writes no profile.
 */
export async function nodesOf({ path, choice, profile, threads }: OpenedModel): Promise<NodeCounts | undefined> {
  if (choice.backend !== 'onnxruntime-node') return undefined;
  const { provider } = choice;
  const providerOptions = profile.providers.find((one) => one.provider === provider)?.options ?? {};
  const options = { provider, threads, spinning: false, optimize: true, exactAccumulators: false, providerOptions };
  return await countNodes((prefix) => openNative({ kind: 'path', path }, options, prefix), runOnce);
}
