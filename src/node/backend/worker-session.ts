import { guard } from '../../runtime/guard.ts';
import type { Feeds, ModelSource, RunResult, Session } from '../../runtime/types.ts';
import { openChannel } from './channel.ts';
import type { OpenOptions } from './options.ts';
import type { Library } from './ort.ts';
import { type Parcel, unpack } from './protocol.ts';
import { createStaging } from './staging.ts';

function unpackAll(parcels: readonly Parcel[]): Feeds {
  return Object.fromEntries(parcels.map((parcel) => [parcel.name, unpack(parcel)]));
}

/** Opens a model in a worker thread of its own, since the native call blocks its thread. The caller's arrays stay usable. */
export async function openInWorker(library: Library, model: ModelSource, options: OpenOptions): Promise<Session> {
  const start = performance.now();
  const own: ModelSource = model.kind === 'path' ? model : { kind: 'bytes', bytes: new Uint8Array(model.bytes) };
  const channel = openChannel({ library, model: own, options });
  const { inputs, outputs } = await channel.opened;
  const loadMs = performance.now() - start;
  const staging = createStaging();

  const run = async (feeds: Feeds, asked: readonly string[]): Promise<RunResult> => {
    const parcels = inputs.map(({ name }) => staging.pack(name, feeds[name]!));
    const done = await channel.run({ feeds: parcels, outputs: asked });
    staging.reclaim(done.spent);
    return { outputs: unpackAll(done.outputs), ms: done.ms };
  };
  return guard({ backend: library, provider: options.provider, inputs, outputs, loadMs, run, close: channel.close });
}
