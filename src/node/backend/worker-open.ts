import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isResedgeError, ResedgeError } from '../../errors.ts';
import { explainOpen, type Fault } from '../../runtime/explain.ts';
import type { ModelSource } from '../../runtime/types.ts';
import { explainMissing } from './explain.ts';
import { toOrtOptions, wasmThreads } from './options.ts';
import { type Library, loadOrt, type Ort, type OrtSession } from './ort.ts';
import { preload } from './preload.ts';
import type { OpenRequest } from './protocol.ts';

/** A model in its library, and the name that messages give it. */
export type Opened = { readonly ort: Ort; readonly session: OrtSession; readonly where: string };

function fail(fault: Fault): never {
  throw new ResedgeError(fault.code, fault.message);
}

function load({ library, options }: OpenRequest): Ort {
  try {
    preload(options.preload ?? []);
    const ort = loadOrt(library);
    ort.env.logLevel = 'fatal';
    if (library === 'onnxruntime-web') ort.env.wasm.numThreads = wasmThreads(options);
    return ort;
  } catch (error) {
    if (isResedgeError(error)) throw error;
    return fail(explainMissing(library, error));
  }
}

function checkFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    fail({ code: 'io', message: `expected a model file at ${path}, there is none: check the path` });
  if (!stat.isFile())
    fail({ code: 'input', message: `expected a model file at ${path}, it is not a file: name the .onnx file` });
}

/** The native library maps and reads files itself; WASM has no file system. */
async function toOrtSource(source: ModelSource, library: Library): Promise<string | Uint8Array> {
  if (source.kind === 'bytes') return source.bytes;
  checkFile(source.path);
  return library === 'onnxruntime-node' ? source.path : await readFile(source.path);
}

/** Opens a model in this thread. Throws `unavailable` for a library that does not load, and what the library says of the model. */
export async function openHere(request: OpenRequest): Promise<Opened> {
  const { library, model, options } = request;
  const where = model.kind === 'path' ? model.path : `${model.bytes.byteLength} bytes`;
  const ort = load(request);
  try {
    const source = await toOrtSource(model, library);
    return { ort, session: await ort.InferenceSession.create(source, toOrtOptions(library, options)), where };
  } catch (error) {
    if (isResedgeError(error)) throw error;
    return fail(explainOpen(error, library, options.provider, where));
  }
}

/**
 * Loads the native library and lets it make its environment, which it does at its first session, even one that it refuses. What
 * fails here fails again when a model is opened, and is told then.
 */
export async function prepareHere(): Promise<void> {
  try {
    const ort = loadOrt('onnxruntime-node');
    ort.env.logLevel = 'fatal';
    const options = { executionProviders: ['cpu'], graphOptimizationLevel: 'disabled', logSeverityLevel: 4 } as const;
    await ort.InferenceSession.create(new Uint8Array(1), options);
  } catch {
    // No bytes are a model.
  }
}
