import { ResedgeError } from '../errors.ts';
import { oneLine } from '../runtime/explain.ts';
import type { Availability, Backend, ModelSource, Provider, Session, SessionOptions } from '../runtime/types.ts';
import { type Accelerators, accelerators } from './accelerators.ts';
import { bytesOf, type OrtBuild, openWith } from './ort-session.ts';
import { absoluteWasmPaths, type WasmSettings } from './start-wasm.ts';

const NAME = 'onnxruntime-web';
const FILES = 'ort-wasm-simd-threaded.asyncify.mjs and .wasm';

export type DeviceType = 'cpu' | 'gpu' | 'npu';

/** The kind of device that WebNN is asked for; it may compute on another one without saying so. */
export function deviceTypeOf({ providerOptions }: Pick<SessionOptions, 'providerOptions'>): DeviceType {
  const asked = providerOptions?.['deviceType'];
  return asked === 'gpu' || asked === 'npu' ? asked : 'cpu';
}

async function webgpu({ gpu }: Accelerators): Promise<Availability> {
  if (gpu === undefined)
    return { available: false, reason: 'this browser has no WebGPU here: take a newer one, over HTTPS or localhost' };
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter ? { available: true } : { available: false, reason: 'WebGPU finds no adapter on this machine' };
}

async function webnn({ ml }: Accelerators, deviceType: DeviceType): Promise<Availability> {
  if (ml === undefined) return { available: false, reason: 'this browser has no WebNN here: take one that has' };
  try {
    await ml.createContext({ deviceType });
    return { available: true };
  } catch (error) {
    return { available: false, reason: `WebNN gives no context for ${deviceType}: ${oneLine(error)}` };
  }
}

async function available(provider: Provider, deviceType: DeviceType = 'cpu'): Promise<Availability> {
  const here = accelerators();
  if (provider === 'webgpu') return await webgpu(here);
  if (provider === 'webnn') return await webnn(here, deviceType);
  return { available: false, reason: `${NAME}'s WebGPU build has webgpu and webnn, not ${provider}` };
}

let build: Promise<OrtBuild> | undefined;

/** The build with WebGPU and WebNN, several times the size of the other one: fetched when a model first asks for it. */
async function load({ wasmPaths }: WasmSettings): Promise<OrtBuild> {
  const { env, InferenceSession, Tensor } = await import('onnxruntime-web/webgpu');
  env.logLevel = 'fatal';
  env.wasm.numThreads = 1;
  if (wasmPaths !== undefined) env.wasm.wasmPaths = absoluteWasmPaths(wasmPaths);
  return { InferenceSession, Tensor, files: FILES };
}

async function open(model: ModelSource, options: SessionOptions, settings: WasmSettings): Promise<Session> {
  const present = await available(options.provider, deviceTypeOf(options));
  if (!present.available) throw new ResedgeError('unavailable', present.reason);
  const start = performance.now();
  const bytes = bytesOf(model);
  build ??= load(settings);
  return await openWith(await build, bytes, options, start);
}

/**
 * ONNX Runtime's build with WebGPU and WebNN in a page or a Web Worker. `wasmPaths` is a folder, or names the two files of this build,
 * which are not those of the WASM one.
 */
export function createGpuBackend(settings: WasmSettings = {}): Backend {
  return { name: NAME, available, open: (model, options) => open(model, options, settings) };
}
