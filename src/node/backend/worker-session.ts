import type { Worker } from 'node:worker_threads';
import { guard } from '../../runtime/guard.ts';
import type { Feeds, ModelSource, RunResult, Session, SessionOptions } from '../../runtime/types.ts';
import { type Channel, openChannel } from './channel.ts';
import type { OpenOptions } from './options.ts';
import type { Library } from './ort.ts';
import { type OpenRequest, type Parcel, unpack } from './protocol.ts';
import { createStaging } from './staging.ts';
import { startWorker } from './start-worker.ts';

export type WorkerSettings = {
  readonly onNotice?: SessionOptions['onNotice'] | undefined;
  /** False: a worker that dies stays dead, and a model given as bytes is not kept for the next one. */
  readonly replace?: boolean;
  readonly start?: (request: OpenRequest) => Worker;
};

function unpackAll(parcels: readonly Parcel[]): Feeds {
  return Object.fromEntries(parcels.map((parcel) => [parcel.name, unpack(parcel)]));
}

/**
 * Opens a model in a worker thread of its own, since the native call blocks its thread. The caller's arrays stay usable. A worker that
 * dies after that is replaced once, with a notice, and what it was asked is asked again; the second death rejects with `internal`.
 */
export async function openInWorker(
  library: Library,
  model: ModelSource,
  options: OpenOptions,
  { onNotice, replace = true, start = startWorker }: WorkerSettings = {},
): Promise<Session> {
  const begin = performance.now();
  let replaced = false;
  const openAgain = (): Channel => {
    const own: ModelSource = model.kind === 'path' ? model : { kind: 'bytes', bytes: new Uint8Array(model.bytes) };
    return openChannel({ library, model: own, options }, start);
  };
  const first = openAgain();
  const { inputs, outputs } = await first.opened;
  const loadMs = performance.now() - begin;
  const staging = createStaging();
  let current = Promise.resolve(first);

  /** The second channel, opened by whoever finds the first one dead before the others. */
  const replacement = (death: string): Promise<Channel> => {
    if (replaced) return current;
    replaced = true;
    onNotice?.(`the worker that runs the model was replaced, and what it was doing is done again: ${death}`);
    const second = openAgain();
    current = second.opened.then(() => second);
    return current;
  };
  const ask = async (channel: Channel, feeds: Feeds, asked: readonly string[]): Promise<RunResult> => {
    const parcels = inputs.map(({ name }) => staging.pack(name, feeds[name]!));
    const done = await channel.run({ feeds: parcels, outputs: asked });
    staging.reclaim(done.spent);
    return { outputs: unpackAll(done.outputs), ms: done.ms };
  };
  const run = async (feeds: Feeds, asked: readonly string[]): Promise<RunResult> => {
    const channel = await current;
    try {
      return await ask(channel, feeds, asked);
    } catch (error) {
      const death = channel.death();
      if (!replace || channel !== first || death === undefined) throw error;
      return await ask(await replacement(death), feeds, asked);
    }
  };
  const close = async (): Promise<void> => {
    const channel = await current.catch(() => undefined);
    await channel?.close();
  };
  return guard({ backend: library, provider: options.provider, inputs, outputs, loadMs, run, close });
}
