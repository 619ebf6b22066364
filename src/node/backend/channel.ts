import type { Worker } from 'node:worker_threads';
import { ResedgeError } from '../../errors.ts';
import { OPENING, type OpenRequest, type Reply, type Request } from './protocol.ts';
import { startWorker } from './start-worker.ts';

type ReplyOf<K extends Reply['kind']> = Reply & { readonly kind: K };

type Waiting = { readonly resolve: (reply: Reply) => void; readonly reject: (error: ResedgeError) => void };

/** A worker thread that holds one model, as questions and answers. */
export type Channel = {
  readonly opened: Promise<ReplyOf<'opened'>>;
  readonly run: (request: Omit<Request & { readonly kind: 'run' }, 'id' | 'kind'>) => Promise<ReplyOf<'done'>>;
  /** Why the worker is dead, one line; undefined while it lives. */
  readonly death: () => string | undefined;
  /** Ends the worker after everything asked before it. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the worker and the opening at once; the model's bytes change hands. The process stays alive while an answer is due and
 * not longer. If the worker dies, every answer due and every later question rejects with code `internal`.
 */
export function openChannel(request: OpenRequest, start: (request: OpenRequest) => Worker = startWorker): Channel {
  const worker = start(request);
  const waiting = new Map<number, Waiting>();
  let asked = OPENING;
  let dead: ResedgeError | undefined;

  const expectReply = <K extends Reply['kind']>(id: number, kind: K): Promise<ReplyOf<K>> =>
    new Promise((resolve, reject) => {
      if (dead !== undefined) return reject(dead);
      waiting.set(id, { resolve: (reply) => resolve(reply as ReplyOf<typeof kind>), reject });
      return worker.ref();
    });
  const onReply = (reply: Reply): void => {
    const due = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if (reply.kind === 'fault') due?.reject(new ResedgeError(reply.fault.code, reply.fault.message));
    else due?.resolve(reply);
  };
  const onDeath = (how: string): void => {
    dead ??= new ResedgeError(
      'internal',
      `expected the ${request.library} worker to answer, ${how}: open the model again`,
    );
    for (const { reject } of waiting.values()) reject(dead);
    waiting.clear();
  };
  worker.on('message', onReply);
  worker.on('error', (error) => onDeath(`it failed: ${error instanceof Error ? error.message : String(error)}`));
  worker.on('exit', (code) => onDeath(`it ended with exit code ${code}`));

  const run: Channel['run'] = ({ feeds, outputs }) => {
    const id = ++asked;
    const reply = expectReply(id, 'done');
    const transfer = feeds.map((parcel) => parcel.buffer);
    if (dead === undefined) worker.postMessage({ kind: 'run', id, feeds, outputs } satisfies Request, transfer);
    return reply;
  };
  const close = async (): Promise<void> => {
    if (dead !== undefined) return;
    const id = ++asked;
    const reply = expectReply(id, 'closed');
    worker.postMessage({ kind: 'close', id } satisfies Request);
    await reply.catch(() => undefined);
    await worker.terminate();
  };
  const opened = expectReply(OPENING, 'opened').catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return { opened, run, death: () => dead?.message, close };
}
