import type { ModelRunner } from '../../converter/runner.ts';
import { concat } from '../onnx/encode.ts';
import type { WasmSettings } from './start-wasm.ts';
import { createWasmBackend } from './wasm.ts';

/** The converter's model runner in a page or a Web Worker. */
export function createModelRunner(settings: WasmSettings = {}): ModelRunner {
  const backend = createWasmBackend(settings);
  return async (chunks, { optimize }) => {
    const session = await backend.open(
      { kind: 'bytes', bytes: concat(chunks) },
      { provider: 'wasm', threads: 0, spinning: false, optimize, exactAccumulators: false },
    );
    return { run: async (feeds, outputs) => (await session.run(feeds, outputs)).outputs, close: session.close };
  };
}
