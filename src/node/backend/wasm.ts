import { ResedgeError } from '../../errors.ts';
import type { Availability, Backend, Provider } from '../../runtime/types.ts';
import { isInstalled } from './installed.ts';
import { modelBytes } from './model-bytes.ts';
import { toOpenOptions } from './options.ts';
import { type ProbeResult, probe } from './probe.ts';
import { openInWorker } from './worker-session.ts';

const NAME = 'onnxruntime-web';

async function available(provider: Provider): Promise<Availability> {
  return provider === 'wasm'
    ? isInstalled(NAME)
    : { available: false, reason: `${NAME} under Node has wasm, not ${provider}` };
}

/** Lets WASM compute in a process of its own. */
export async function probeWasm(): Promise<ProbeResult> {
  const provider = 'wasm';
  const installed = isInstalled(NAME);
  if (installed.available) return await probe({ library: NAME, provider, libraries: [] });
  return { provider, library: NAME, available: false, reason: installed.reason, ms: 0, precisions: [] };
}

/** ONNX Runtime's WASM SIMD build under Node, each session in a worker thread; needs nothing native. */
export const wasmBackend: Backend = {
  name: NAME,
  available,
  open: async (model, options) => {
    const present = await available(options.provider);
    if (!present.available) throw new ResedgeError('unavailable', present.reason);
    const { onNotice } = options;
    return await openInWorker(NAME, model, toOpenOptions(options, modelBytes(model)), { onNotice });
  },
};
