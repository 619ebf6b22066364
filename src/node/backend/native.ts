import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Availability, Backend, Provider } from '../../runtime/types.ts';
import { explainMissing } from './explain.ts';
import { bindingFolder, isInstalled, nativeProviders } from './installed.ts';
import { openInWorker } from './worker-session.ts';

const NAME = 'onnxruntime-node';

/** Shared libraries that lie beside the binding only after CUDA's own installation step. */
const EXTRA_LIBRARY: Readonly<Partial<Record<Provider, string>>> = {
  cuda: 'libonnxruntime_providers_cuda.so',
  tensorrt: 'libonnxruntime_providers_tensorrt.so',
};

async function available(provider: Provider): Promise<Availability> {
  const installed = isInstalled(NAME);
  if (!installed.available || provider === 'cpu') return installed;
  try {
    const providers = nativeProviders();
    if (!providers.includes(provider))
      return {
        available: false,
        reason: `${NAME} on ${process.platform} ${process.arch} has ${providers.join(', ')}, not ${provider}`,
      };
  } catch (error) {
    return { available: false, reason: explainMissing(NAME, error).message };
  }
  const library = EXTRA_LIBRARY[provider];
  if (library !== undefined && process.platform === 'linux' && !existsSync(join(bindingFolder(), library)))
    return { available: false, reason: `${library} is not beside ${NAME}'s binding: install its CUDA libraries` };
  return { available: true };
}

/** ONNX Runtime's native build, each session in a worker thread. A path is opened by path and never passes through JavaScript. */
export const nativeBackend: Backend = {
  name: NAME,
  available,
  open: (model, options) =>
    openInWorker(NAME, model, { ...options, level: options.optimize ? 'all' : 'disabled', arena: true }),
};
