import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { ResedgeError } from '../errors.ts';
import type { Availability, Backend, ModelSource, Provider, Session, SessionOptions } from '../runtime/types.ts';
import { bytesOf, type OrtBuild, openWith } from './ort-session.ts';
import { hasWasmSimd } from './simd.ts';
import { startWasm, type WasmSettings } from './start-wasm.ts';

const NAME = 'onnxruntime-web';

const BUILD: OrtBuild = { InferenceSession, Tensor: OrtTensor, files: 'ort-wasm-simd-threaded.mjs and .wasm' };

async function available(provider: Provider): Promise<Availability> {
  if (provider !== 'wasm')
    return { available: false, reason: `${NAME}'s WASM build in a browser has wasm, not ${provider}` };
  return hasWasmSimd()
    ? { available: true }
    : { available: false, reason: 'this browser has no WebAssembly SIMD: take a newer one' };
}

async function open(model: ModelSource, options: SessionOptions, settings: WasmSettings): Promise<Session> {
  const present = await available(options.provider);
  if (!present.available) throw new ResedgeError('unavailable', present.reason);
  const start = performance.now();
  const bytes = bytesOf(model);
  startWasm(options.threads, settings);
  return await openWith(BUILD, bytes, options, start);
}

/**
 * ONNX Runtime's WASM SIMD build in a page or a Web Worker. An inference occupies the thread that asks for it, so a page that shall
 * stay lively opens its models in a worker.
 */
export function createWasmBackend(settings: WasmSettings = {}): Backend {
  return { name: NAME, available, open: (model, options) => open(model, options, settings) };
}
