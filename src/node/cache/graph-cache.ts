import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, ModelSource, Session, SessionOptions } from '../../runtime/types.ts';
import { isInstalled } from '../backend/installed.ts';
import { type OpenOptions, toOpenOptions } from '../backend/options.ts';
import type { OpenRequest } from '../backend/protocol.ts';
import { startWorker } from '../backend/start-worker.ts';
import { openInWorker } from '../backend/worker-session.ts';
import { cacheFolder, cachePath } from '../cache-folder.ts';
import type { Machine } from '../device/machine.ts';
import { reasonOf } from '../files.ts';
import { evict, PARTIAL, remove } from './evict.ts';
import { GRAPH_FILE, type GraphEntry, readGraphEntry, sealGraph, WEIGHTS_FILE } from './graph-entry.ts';
import { graphKey } from './graph-key.ts';
import { LARGE_MODEL, type ModelFile } from './model-file.ts';

const NAME = 'onnxruntime-node';
const PURPOSE = 'graphs';

/** An entry `location` of a tensor's external_data (onnx.proto3): its weights may change without the file. */
const LOCATION = Buffer.from('\n\x08location');

export type GraphCache = {
  /** Opens the file's model as ONNX Runtime optimized it at its first opening here. */
  readonly backend: Backend;
  /** A file with the model's metadata and without its weights, if the graph is kept. */
  readonly header: string | undefined;
  /** What a user should know, filled in by opening. */
  readonly warnings: readonly string[];
};

export type GraphCacheSettings = {
  readonly file: ModelFile;
  /** The file's bytes, asked for only where the graph is to be kept. */
  readonly content: () => Uint8Array;
  readonly machine: Pick<Machine, 'arch' | 'platform' | 'model' | 'cpuFeatures'>;
  /** Opens everything that is not kept: the model of another file, for another provider, or not optimized. */
  readonly backend: Backend;
  readonly largeModel?: number;
};

/**
 * Keeps the optimized graph of one model file for the CPU provider. An entry appears whole or not at all; one that is damaged is made again,
 * and where none can be written the model opens as it would without. Undefined where nothing is kept.
 */
export function graphCache(settings: GraphCacheSettings): GraphCache | undefined {
  const { file, machine, backend, largeModel = LARGE_MODEL } = settings;
  const folder = cachePath(PURPOSE);
  const optimized = file.path.endsWith('.ort');
  if (folder === undefined || optimized || file.bytes < largeModel || !isInstalled(NAME).available) return undefined;
  const key = graphKey(file.sha256, machine);
  const place = join(folder, key);
  const warnings: string[] = [];
  const lost = (): void => {
    remove(place);
    warnings.push(`the optimized graph kept in ${place} was damaged, it is made again`);
  };
  const found = readGraphEntry(place);
  if (found === 'damaged') lost();
  let entry = found === 'damaged' ? undefined : found;
  const open = async (model: ModelSource, options: SessionOptions): Promise<Session> => {
    const { provider, optimize, exactAccumulators } = options;
    const ours = model.kind === 'path' && model.path === file.path && provider === 'cpu';
    if (!ours || !optimize || exactAccumulators) return await backend.open(model, options);
    const begin = performance.now();
    // A session opened earlier may have kept it.
    const now = entry ?? readGraphEntry(place);
    if (now !== 'damaged') entry = now;
    const plain: OpenRequest = { library: NAME, model, options: toOpenOptions(options, file.bytes) };
    const kept = entry === undefined ? undefined : await openEntry(entry, plain, options.onNotice);
    if (entry !== undefined && kept === undefined) {
      lost();
      entry = undefined;
    }
    const session = kept ?? (await openAndKeep(plain, key, settings, warnings, options.onNotice));
    return { ...session, loadMs: performance.now() - begin };
  };
  return { backend: { ...backend, open }, header: entry?.graph, warnings };
}

/** Undefined where the entry is no good. Its weights are checked while they are loaded. */
async function openEntry(
  entry: GraphEntry,
  plain: OpenRequest,
  onNotice: SessionOptions['onNotice'],
): Promise<Session | undefined> {
  const opening = openOnce(
    { kind: 'path', path: entry.graph },
    { ...plain.options, level: 'disabled' },
    plain,
    onNotice,
  );
  const [whole, opened] = await Promise.allSettled([Promise.resolve().then(entry.isWhole), opening]);
  const session = opened.status === 'fulfilled' ? opened.value : undefined;
  if (session !== undefined && whole.status === 'fulfilled' && whole.value) {
    touch(entry.folder);
    return session;
  }
  await session?.close();
  return undefined;
}

async function openAndKeep(
  plain: OpenRequest,
  key: string,
  { content }: GraphCacheSettings,
  warnings: string[],
  onNotice: SessionOptions['onNotice'],
): Promise<Session> {
  const openPlain = (): Promise<Session> => openOnce(plain.model, plain.options, plain, onNotice);
  if (Buffer.from(content().buffer).includes(LOCATION)) return await openPlain();
  const folder = cacheFolder(PURPOSE);
  const notKept = (reason: string): void =>
    void warnings.push(`the optimized graph is not kept for the next start: ${reason}`);
  if (folder.kind === 'fault') {
    notKept(folder.reason);
    return await openPlain();
  }
  const partial = join(folder.path, `${key}.${randomBytes(4).toString('hex')}${PARTIAL}`);
  try {
    mkdirSync(partial);
    const written = { optimizedModel: join(partial, GRAPH_FILE), optimizedWeights: WEIGHTS_FILE };
    const session = await openOnce(plain.model, { ...plain.options, ...written }, plain, onNotice);
    try {
      keep(partial, join(folder.path, key));
      evict(folder.path);
    } catch (error) {
      notKept(reasonOf(error));
    }
    return session;
  } catch (error) {
    // A model that is no good is refused again, with the same words.
    const session = await openPlain();
    notKept(reasonOf(error));
    return session;
  } finally {
    remove(partial);
  }
}

function keep(partial: string, place: string): void {
  const [name, seal] = sealGraph(partial);
  writeFileSync(join(partial, name), seal);
  try {
    renameSync(partial, place);
  } catch (error) {
    // Another process was faster, with the same graph.
    if (readGraphEntry(place) === undefined) throw error;
  }
}

/** Opens a model; should the worker die, the next one opens the model file itself, which stays where it is. */
function openOnce(
  model: ModelSource,
  options: OpenOptions,
  plain: OpenRequest,
  onNotice: SessionOptions['onNotice'],
): Promise<Session> {
  let started = false;
  const start = (request: OpenRequest): ReturnType<typeof startWorker> => {
    const next = started ? plain : request;
    started = true;
    return startWorker(next);
  };
  return openInWorker(NAME, model, options, { onNotice, start });
}

/** Notes the use of an entry, for eviction. */
function touch(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // A read-only cache is never evicted.
  }
}
