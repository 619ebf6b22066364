import { hazardWarning } from '../../device/hazard.ts';
import type { DeviceProfile } from '../../device/profile.ts';
import { isChoosy } from '../../device/runs.ts';
import { ResedgeError } from '../../errors.ts';
import type { ModelMetadata } from '../../onnx/metadata.ts';
import { type OpenChoice, openSession } from '../../runtime/open.ts';
import type { Backend, Provider, Session } from '../../runtime/types.ts';
import { nativeBackend } from '../backend/native.ts';
import { inSessions } from '../backend/side-by-side.ts';
import { dismissWorker } from '../backend/start-worker.ts';
import { wasmBackend } from '../backend/wasm.ts';
import { graphCache } from '../cache/graph-cache.ts';
import { modelFile } from '../cache/model-file.ts';
import { DEVICE_VARIABLE, quickProfile } from '../device/quick-profile.ts';
import { readBytes } from '../files.ts';
import { applyChoice } from '../tune/apply.ts';
import { type StoredChoice, storedChoice, type TunedChoice } from '../tune/choice.ts';
import { passedOver, planModel } from './plan-model.ts';
import { sessionsFor } from './sessions-for.ts';
import { whileOpening } from './while-opening.ts';

const BACKENDS: Readonly<Record<Backend['name'], Backend>> = {
  'onnxruntime-node': nativeBackend,
  'onnxruntime-web': wasmBackend,
};

export type OpenModelOptions = {
  /** Threads that work at a time; default: the device profile's. */
  readonly threads?: number;
  /** How many pictures it is opened for, if known: many are inferred side by side, each on one thread. */
  readonly pictures?: number;
  /** True: the profile's first provider or an error. */
  readonly strict?: boolean;
  /** The only one to take of the profile's providers. */
  readonly provider?: Provider;
  /** The model file whose tuned choice holds for this one, which is made of it; default: this one. */
  readonly tunedAs?: string;
  /** False: what `tune` chose is neither heeded nor spoken of, as for a model whose speed nobody asks about. */
  readonly heedTuned?: boolean;
  /** Told what happens while the model opens and later, one line each: an engine being built, a worker replaced. */
  readonly onNotice?: (line: string) => void;
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
  /** Inferences at a time. */
  readonly atOnce: number;
  /** What a user should know, one line each. */
  readonly warnings: readonly string[];
  /** What `tune` chose for this file here, and what was heeded. */
  readonly tuned?: TunedChoice;
};

/**
 * Opens a model made by `convert` on the provider that `tune` chose for it here, or else that this machine's profile puts first among
 * those that run its precision. What the runtime makes of a large model is kept for the next time. Throws
 * `input` for a file that is not such a model, naming what it lacks, or that is larger than the memory budget, `unsupported` if no
 * provider of the profile runs its precision, and `unavailable` if nothing here can run it.
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const file = modelFile(path);
  const { profile: whole, machine } = await quickProfile();
  const profile = options.provider === undefined ? whole : withProvider(whole, options.provider);
  const strict = options.strict ?? false;
  const choosy = profile.providers.some(({ provider }) => isChoosy(provider));
  const content = once(() => readBytes(path, 'an ONNX model'));
  const kind = choosy ? await readMetadata(path, content()) : undefined;
  const planned = planModel({ path, bytes: file.bytes, kind, profile, machine, strict });
  const tunedFile = options.tunedAs === undefined ? file : modelFile(options.tunedAs);
  const stored: StoredChoice =
    options.heedTuned === false ? { notes: [] } : storedChoice(tunedFile, { machine, profile: profile.id });
  const { choice: tuned, notes } = stored;
  const candidates = applyChoice(planned.candidates, tuned);
  const threads = options.threads ?? candidates[0].threads;
  const sessions = sessionsFor(candidates[0], { threads, pictures: options.pictures ?? 1, bytes: file.bytes });
  const kept = graphCache({ file, content, machine, backend: nativeBackend });
  const backends = { ...BACKENDS, [nativeBackend.name]: inSessions(kept?.backend ?? nativeBackend, sessions) };
  const opening = openSession(
    { kind: 'path', path },
    candidates.map(({ provider, backend, spinning, providerOptions, memoryBudgetMb }) => ({
      backend: backends[backend],
      options: {
        ...{ provider, threads, spinning, providerOptions, memoryBudgetMb },
        ...{ optimize: true, exactAccumulators: false, strict },
        ...(options.onNotice === undefined ? {} : { onNotice: options.onNotice }),
      },
    })),
    { strict },
  );
  // Unless the plan needed it, the metadata is read, and its reader loaded, while the worker starts.
  const [{ session, choice: opened }, metadata] = await whileOpening(
    opening,
    kind === undefined
      ? readMetadata(path, kept?.header ? readBytes(kept.header, 'an ONNX model') : content())
      : Promise.resolve(kind),
  );
  dismissWorker();
  const skipped = [...passedOver(profile, opened.provider, planned.skipped), ...opened.skipped];
  const choice: OpenChoice = { ...opened, skipped };
  const hazard = hazardWarning(metadata.scheme ?? '', choice.provider, machine.arch, machine.cpuFeatures);
  // Providers of one library that is missing share the reason.
  const reasons = [...new Set(skipped.map(({ reason }) => `running on ${choice.provider}: ${reason}`))];
  const warnings = [...reasons, ...(hazard === undefined ? [] : [hazard]), ...notes, ...(kept?.warnings ?? [])];
  const atOnce = opened.backend === nativeBackend.name ? sessions : 1;
  const common = { path, metadata, session, choice, profile, threads, atOnce, warnings };
  return tuned === undefined ? common : { ...common, tuned };
}

function withProvider(profile: DeviceProfile, wanted: Provider): DeviceProfile {
  const providers = profile.providers.filter(({ provider }) => provider === wanted);
  if (providers.length > 0) return { ...profile, providers };
  const known = profile.providers.map(({ provider }) => provider).join(', ');
  throw new ResedgeError(
    'usage',
    `expected a provider of profile ${profile.id}, of ${known}, received ${wanted}: ${DEVICE_VARIABLE} names another profile, see resedge devices`,
  );
}

function once<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= read();
    return value;
  };
}

async function readMetadata(path: string, bytes: Uint8Array): Promise<ModelMetadata> {
  const [{ identify }, { expectNamedOrt }] = await Promise.all([
    import('../../onnx/identify.ts'),
    import('../../onnx/ort-format.ts'),
  ]);
  expectNamedOrt(path, bytes);
  return identify(path, bytes);
}
