import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Availability } from '../../runtime/types.ts';
import { explainMissing } from './explain.ts';
import { type Library, loadOrt } from './ort.ts';
import { BINDING, faultOfRuntime, ORT_DIR, ownRuntime, packageBuild } from './own-runtime.ts';

const missing = (library: Library, error: unknown): Availability => ({
  available: false,
  reason: explainMissing(library, error).message,
});

/** Whether a library is installed, without loading it (under a millisecond; a few where a folder of one's own is named). */
export function isInstalled(library: Library): Availability {
  try {
    createRequire(import.meta.url).resolve(library === 'onnxruntime-node' ? library : 'onnxruntime-web/wasm');
    const own = library === 'onnxruntime-node' ? ownRuntime() : undefined;
    if (own !== undefined) {
      const fault = faultOfRuntime(own);
      return fault === undefined
        ? { available: true }
        : { available: false, reason: `expected a build of ONNX Runtime in ${own}, which ${ORT_DIR} names, ${fault}` };
    }
    return library === 'onnxruntime-web' || existsSync(join(bindingFolder(), BINDING))
      ? { available: true }
      : missing(library, new Error(`it has no build for ${process.platform} ${process.arch}`));
  } catch (error) {
    return missing(library, error);
  }
}

/** The folder of ONNX Runtime's native libraries: RESEDGE_ORT_DIR's or the package's. Throws if the package is not installed. */
export function bindingFolder(): string {
  return ownRuntime() ?? packageBuild();
}

/** The providers that onnxruntime-node was built with, from its own list. Loads the native library into this thread. */
export function nativeProviders(): readonly string[] {
  return (
    loadOrt('onnxruntime-node')
      .listSupportedBackends?.()
      .map((backend) => backend.name) ?? []
  );
}
