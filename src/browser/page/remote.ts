import type { Classified, Classifier } from '../../pipeline/classify.ts';
import { ResedgeError } from '../index.ts';
import type { FromWorker, Opened, Request, Results, ToWorker } from './protocol.ts';

/** The worker that runs models. */
export type Remote = {
  readonly open: (what: Omit<Extract<Request, { kind: 'open' }>, 'kind'>) => Promise<Opened>;
  /** The model opened last, as a stream of frames takes it. */
  readonly classifier: (opened: Opened) => Classifier;
  readonly classify: (picture: Blob, top: number) => Promise<Classified>;
};

type Waiting = { readonly resolve: (result: never) => void; readonly reject: (error: ResedgeError) => void };

/** Starts the worker. What waits for it when it breaks down is rejected. */
export function startRemote(): Remote {
  const worker = new Worker('worker.js', { type: 'module' });
  const waiting = new Map<number, Waiting>();
  let broken: ResedgeError | undefined;
  let last = 0;

  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    const { resolve, reject } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if (data.kind === 'done') resolve(data.result as never);
    else reject(new ResedgeError(data.fault.code, data.fault.message));
  };
  worker.onerror = ({ message }) => {
    const said = message ? `it says: ${message}` : 'worker.js did not load';
    broken = new ResedgeError('io', `expected the page's worker, ${said}: load the page again`);
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  const call = <R extends Request>(request: R): Promise<Results[R['kind']]> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) return reject(broken);
      const message: ToWorker = { id: ++last, request };
      waiting.set(message.id, { resolve, reject });
      worker.postMessage(message);
    });

  return {
    open: (what) => call({ kind: 'open', ...what }),
    classifier: ({ metadata, backend, provider, inputs, outputs, loadMs }) => ({
      metadata,
      session: {
        ...{ backend, provider, inputs, outputs, loadMs },
        run: (feeds, asked) => call({ kind: 'run', feeds, outputs: asked }),
        close: async () => undefined,
      },
    }),
    classify: (picture, top) => call({ kind: 'classify', picture, top }),
  };
}
