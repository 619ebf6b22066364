import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session, SessionOptions } from '../../runtime/types.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { cacheFolder } from '../cache-folder.ts';
import { bindingFolder } from './installed.ts';
import { BINDING, ORT_DIR, packageVersion } from './own-runtime.ts';
import { viewOf } from './protocol.ts';

type ProviderOptions = NonNullable<SessionOptions['providerOptions']>;

/** A binding that hands this option on holds its name. */
const CACHE_OPTION = 'trt_engine_cache_enable';

const FIRST_NOTICE_MS = 2000;
const NOTICE_MS = 10_000;

export type EngineOptions = {
  readonly providerOptions: ProviderOptions;
  /** One line each. */
  readonly notices: readonly string[];
};

/**
 * TensorRT's options with a folder where the engines that it builds are kept, and what keeps them from being kept: a folder that takes no
 * files, or a binding that does not hand the option on, as onnxruntime-node's own (microsoft/onnxruntime#26854).
 */
export function engineOptions(
  given: ProviderOptions = {},
  binding: string = join(bindingFolder(), BINDING),
): EngineOptions {
  if (given[CACHE_OPTION] === false) return { providerOptions: given, notices: [] };
  if (!readFileSync(binding).includes(CACHE_OPTION)) {
    const notice = `the TensorRT engine is built at every start: onnxruntime-node ${packageVersion()} does not hand ${CACHE_OPTION} on, a binding that does goes into ${ORT_DIR}`;
    return { providerOptions: without(given), notices: [notice] };
  }
  const folder = cacheFolder(`tensorrt-${packageVersion()}`);
  if (folder.kind === 'fault')
    return {
      providerOptions: without(given),
      notices: [`the TensorRT engine is built at every start: ${folder.reason}`],
    };
  const cached = { [CACHE_OPTION]: true, trt_engine_cache_path: folder.path, trt_timing_cache_enable: true };
  return { providerOptions: { ...cached, ...given }, notices: [] };
}

/** Else TensorRT would keep its engines in the working folder. */
function without(given: ProviderOptions): ProviderOptions {
  return { ...given, [CACHE_OPTION]: false, trt_timing_cache_enable: false };
}

/** Says every few seconds how long something has taken; ONNX Runtime says nothing while it builds an engine. */
export async function whileBuilding<T>(
  building: Promise<T>,
  onNotice: (line: string) => void,
  { first, every }: { readonly first: number; readonly every: number } = { first: FIRST_NOTICE_MS, every: NOTICE_MS },
): Promise<T> {
  const start = performance.now();
  const tell = (): void => {
    const seconds = Math.round((performance.now() - start) / 1000);
    onNotice(`building the TensorRT engine, ${seconds} s so far: the first start on a device can take minutes`);
  };
  let timer = setTimeout(() => {
    tell();
    timer = setInterval(tell, every);
  }, first);
  try {
    return await building;
  } finally {
    clearTimeout(timer);
  }
}

/** One inference of zeros, every open dimension 1: an engine for a model with open dimensions is built by its first run. */
export async function runOnce(session: Session): Promise<void> {
  const feeds = session.inputs.map(({ name, dtype, dims: declared }) => {
    const dims = declared.map((dim) => (typeof dim === 'string' ? 1 : dim));
    const bytes = elementCount(dims) * viewOf(dtype, new ArrayBuffer(8)).BYTES_PER_ELEMENT;
    return [name, { dtype, dims, data: viewOf(dtype, new ArrayBuffer(bytes)) }] as const;
  });
  await session.run(Object.fromEntries(feeds) as Parameters<Session['run']>[0]);
}
