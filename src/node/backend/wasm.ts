import { ResedgeError } from '../../errors.ts';
import type { Availability, Backend, Provider } from '../../runtime/types.ts';
import { isInstalled } from './installed.ts';
import { openInWorker } from './worker-session.ts';

const NAME = 'onnxruntime-web';

async function available(provider: Provider): Promise<Availability> {
  return provider === 'wasm'
    ? isInstalled(NAME)
    : { available: false, reason: `${NAME} under Node has wasm, not ${provider}` };
}

/** ONNX Runtime's WASM SIMD build under Node, each session in a worker thread; needs nothing native. */
export const wasmBackend: Backend = {
  name: NAME,
  available,
  open: async (model, options) => {
    const present = await available(options.provider);
    if (!present.available) throw new ResedgeError('unavailable', present.reason);
    return await openInWorker(NAME, model, { ...options, level: options.optimize ? 'all' : 'disabled', arena: true });
  },
};
