import type { WebApi } from '../../device/profile.ts';
import { accelerators } from '../accelerators.ts';

/** What this page can compute with. */
export type WebFacts = {
  readonly web: readonly WebApi[];
  /** Whether WebGPU computes with 16-bit floats here. */
  readonly shaderF16: boolean;
};

/** Longest time that the question for a graphics adapter may take; some drivers never answer. */
const ADAPTER_MS = 3000;

/** Asks this browser for WebNN and, where it matters, for WebGPU, which takes a while. */
export async function webFacts(wantsGpu: boolean): Promise<WebFacts> {
  const { gpu, ml } = accelerators();
  const late = new Promise<null>((resolve) => void setTimeout(resolve, ADAPTER_MS, null));
  const asked = wantsGpu && gpu !== undefined ? gpu.requestAdapter().catch(() => null) : null;
  const adapter = await Promise.race([asked, late]);
  const web: WebApi[] = ['wasm'];
  if (adapter !== null) web.push('webgpu');
  if (ml !== undefined) web.push('webnn');
  return { web, shaderF16: adapter?.features.has('shader-f16') ?? false };
}
