import { hazardWarning } from '../../device/hazard.ts';
import { plan } from '../../device/plan.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { type OpenChoice, openSession } from '../../runtime/open.ts';
import type { Backend, Session } from '../../runtime/types.ts';
import { nativeBackend } from '../backend/native.ts';
import { wasmBackend } from '../backend/wasm.ts';
import { quickProfile } from '../device/quick-profile.ts';
import { readBytes } from '../files.ts';
import { whileOpening } from './while-opening.ts';

const BACKENDS: Readonly<Record<Backend['name'], Backend>> = {
  'onnxruntime-node': nativeBackend,
  'onnxruntime-web': wasmBackend,
};

export type OpenModelOptions = {
  /** Threads inside one inference; default: the device profile's. */
  readonly threads?: number;
  /** True: the profile's first provider or an error. */
  readonly strict?: boolean;
};

/** A model file ready to classify, and what was chosen to run it. */
export type OpenedModel = {
  readonly path: string;
  readonly metadata: ModelMetadata;
  readonly session: Session;
  readonly choice: OpenChoice;
  readonly profile: DeviceProfile;
  /** 0: the backend's choice. */
  readonly threads: number;
  /** What a user should know, one line each. */
  readonly warnings: readonly string[];
};

/**
 * Opens a model made by `convert` on the provider that this machine's profile puts first. Throws `input` for a file that is not
 * such a model, naming what it lacks, and `unavailable` if nothing here can run it.
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const bytes = readBytes(path, 'an ONNX model');
  const { profile, machine } = quickProfile();
  const threads = options.threads ?? profile.threads;
  const candidates = plan(profile, []).candidates.map(({ provider, backend, spinning }) => ({
    backend: BACKENDS[backend],
    options: { provider, threads, spinning, optimize: true, exactAccumulators: false },
  }));
  // The metadata is read, and its reader loaded, while the worker starts.
  const opening = openSession({ kind: 'path', path }, candidates, { strict: options.strict ?? false });
  const [opened, metadata] = await whileOpening(opening, readMetadata(path, bytes));
  const { session, choice } = opened;
  const hazard = hazardWarning(metadata.scheme ?? '', choice.provider, machine.arch, machine.cpuFeatures);
  // Providers of one library that is missing share the reason.
  const skipped = [...new Set(choice.skipped.map(({ reason }) => `running on ${choice.provider}: ${reason}`))];
  return {
    path,
    metadata,
    session,
    choice,
    profile,
    threads,
    warnings: hazard === undefined ? skipped : [...skipped, hazard],
  };
}

async function readMetadata(path: string, bytes: Uint8Array): Promise<ModelMetadata> {
  const { identify } = await import('../../onnx/identify.ts');
  return identify(path, bytes);
}
