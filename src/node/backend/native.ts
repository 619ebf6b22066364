import { ResedgeError } from '../../errors.ts';
import type { Availability, Backend, ModelSource, Provider, Session, SessionOptions } from '../../runtime/types.ts';
import { findGpuLibraries } from '../device/gpu-libraries.ts';
import { explainMissing } from './explain.ts';
import { bindingFolder, isInstalled, nativeProviders } from './installed.ts';
import { modelBytes } from './model-bytes.ts';
import { type OpenOptions, toOpenOptions } from './options.ts';
import { type ProbeResult, probe } from './probe.ts';
import { engineOptions, runOnce, whileBuilding } from './tensorrt.ts';
import { openInWorker } from './worker-session.ts';

const NAME = 'onnxruntime-node';

type Preparation =
  | { readonly kind: 'ready'; readonly libraries: readonly string[] }
  | { readonly kind: 'fault'; readonly reason: string };

/** What can be known of a provider without trying it: whether it is built in, and whether the files that it needs are there. */
function prepare(provider: Provider): Preparation {
  const installed = isInstalled(NAME);
  if (!installed.available) return { kind: 'fault', reason: installed.reason };
  if (provider === 'cpu') return { kind: 'ready', libraries: [] };
  try {
    const providers = nativeProviders();
    if (!providers.includes(provider)) {
      const reason = `${NAME} on ${process.platform} ${process.arch} has ${providers.join(', ')}, not ${provider}`;
      return { kind: 'fault', reason };
    }
  } catch (error) {
    return { kind: 'fault', reason: explainMissing(NAME, error).message };
  }
  if (process.platform !== 'linux' || (provider !== 'cuda' && provider !== 'tensorrt'))
    return { kind: 'ready', libraries: [] };
  const found = findGpuLibraries(provider, bindingFolder(), { env: process.env });
  return found.kind === 'fault' ? found : { kind: 'ready', libraries: found.files };
}

/** Lets a provider compute in a process of its own; what is missing is said without one. */
export async function probeNative(provider: Provider): Promise<ProbeResult> {
  const prepared = prepare(provider);
  if (prepared.kind === 'ready') return await probe({ library: NAME, provider, libraries: prepared.libraries });
  return { provider, library: NAME, available: false, reason: prepared.reason, ms: 0, precisions: [] };
}

async function available(provider: Provider): Promise<Availability> {
  // The CPU's own answer shows when a session opens, which costs less than a process.
  if (provider === 'cpu') return isInstalled(NAME);
  const result = await probeNative(provider);
  return result.available ? { available: true } : { available: false, reason: result.reason };
}

/** Opens a model; with `profile`, ONNX Runtime writes which provider ran each node to PROFILE_<time>.json when it closes. */
export async function openNative(model: ModelSource, options: SessionOptions, profile?: string): Promise<Session> {
  const { provider, onNotice } = options;
  const opening = { ...toOpenOptions(options, modelBytes(model)), ...(profile === undefined ? {} : { profile }) };
  if (provider === 'cpu') return await openInWorker(NAME, model, opening, { onNotice });
  const prepared = prepare(provider);
  if (prepared.kind === 'fault') throw new ResedgeError('unavailable', prepared.reason);
  const preload = prepared.libraries;
  const { available: present, reason } = await probe({ library: NAME, provider, libraries: preload });
  if (!present)
    throw new ResedgeError('unavailable', `expected provider ${provider} in ${NAME}, a probe says: ${reason}`);
  if (provider !== 'tensorrt') return await openInWorker(NAME, model, { ...opening, preload }, { onNotice });
  const { providerOptions, notices } = engineOptions(options.providerOptions);
  const tell = onNotice ?? (() => undefined);
  for (const notice of notices) tell(notice);
  return await whileBuilding(openEngine(model, { ...opening, preload, providerOptions }, onNotice), tell);
}

async function openEngine(
  model: ModelSource,
  options: OpenOptions,
  onNotice: SessionOptions['onNotice'],
): Promise<Session> {
  const session = await openInWorker(NAME, model, options, { onNotice });
  try {
    await runOnce(session);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/**
 * ONNX Runtime's native build, each session in a worker thread. A path is opened by path and never passes through JavaScript. A
 * provider other than the CPU is probed in a process of its own before its first session.
 */
export const nativeBackend: Backend = {
  name: NAME,
  available,
  open: (model, options) => openNative(model, options),
};
