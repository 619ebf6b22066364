import { env } from 'onnxruntime-web/wasm';
import { ResedgeError } from '../errors.ts';
import { planThreads, type ThreadPlan } from './plan-threads.ts';

/** Where ONNX Runtime's WASM files lie. */
export type WasmSettings = {
  /**
   * The folder of onnxruntime-web's `ort-wasm-simd-threaded.mjs` and `ort-wasm-simd-threaded.wasm`, or each of the two; relative to the page.
   * Left out: the .wasm file beside the script, and one thread.
   */
  readonly wasmPaths?: string | URL | { readonly wasm: string | URL; readonly mjs?: string | URL };
};

/** The module is started once in a page or worker; whoever is first decides. */
let started: number | undefined;

/** The number of threads that sessions opened here have or would have. */
export function threadsHere(wanted: number, { wasmPaths }: WasmSettings): ThreadPlan {
  const plan = planThreads({
    wanted,
    isolated: globalThis.crossOriginIsolated,
    separateScript: wasmPaths !== undefined && mjsOf(wasmPaths) !== undefined,
    cores: navigator.hardwareConcurrency || 1,
  });
  if (started === undefined || started === plan.threads) return plan;
  const warning = `running on ${started} threads instead of ${plan.threads}: the first model opened here decided`;
  return { threads: started, warnings: [warning] };
}

/** Settles the library's settings before its first session. Throws `usage` for a path that is no URL. */
export function startWasm(wanted: number, settings: WasmSettings): void {
  if (started !== undefined) return;
  const { wasmPaths } = settings;
  const paths = wasmPaths === undefined ? undefined : absoluteWasmPaths(wasmPaths);
  const { threads } = threadsHere(wanted, settings);
  env.logLevel = 'fatal';
  env.wasm.numThreads = threads;
  if (paths !== undefined) env.wasm.wasmPaths = paths;
  started = threads;
}

type WasmPaths = NonNullable<WasmSettings['wasmPaths']>;

function mjsOf(paths: WasmPaths): string | URL | undefined {
  return typeof paths === 'string' || paths instanceof URL ? paths : paths.mjs;
}

/** Seen from the page. Throws `usage` for a path that is no URL. */
export function absoluteWasmPaths(paths: WasmPaths): string | { wasm: string; mjs?: string } {
  if (typeof paths === 'string' || paths instanceof URL) return absoluteUrl(`${paths}`.replace(/\/*$/, '/'));
  const { wasm, mjs } = paths;
  return { wasm: absoluteUrl(wasm), ...(mjs === undefined ? {} : { mjs: absoluteUrl(mjs) }) };
}

function absoluteUrl(path: string | URL): string {
  const base = globalThis.document?.baseURI ?? location.href;
  try {
    return new URL(path, base).href;
  } catch (cause) {
    throw new ResedgeError('usage', `expected a URL in wasmPaths, received ${path}, seen from ${base}: give it whole`, {
      cause,
    });
  }
}
