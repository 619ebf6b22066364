import type { Classified, Classifier } from '../../pipeline/classify.ts';
import { ResedgeError } from '../index.ts';
import type { TaughtClass } from '../teacher.ts';
import type { FromWorker, Opened, OpenWhat, Request, Results, TaughtModel, ToWorker } from './protocol.ts';

/** The worker that runs models. */
export type Remote = {
  readonly open: (what: OpenWhat) => Promise<Opened>;
  /** The model opened last, as a stream of frames takes it. */
  readonly classifier: (opened: Opened) => Classifier;
  readonly classify: (picture: Blob, top: number) => Promise<Classified>;
  /** Makes ready to teach a model. Throws `unsupported` for one that cannot be taught. */
  readonly prepare: (what: OpenWhat) => Promise<void>;
  /** What the model that is taught makes of a picture; a bitmap is handed over. */
  readonly features: (picture: Blob | ImageBitmap) => Promise<Float32Array>;
  /** Teaches it, and opens what came of it. */
  readonly teach: (what: OpenWhat, classes: readonly TaughtClass[]) => Promise<TaughtModel>;
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
  const call = <R extends Request>(request: R, handed: Transferable[] = []): Promise<Results[R['kind']]> =>
    new Promise((resolve, reject) => {
      if (broken !== undefined) return reject(broken);
      const message: ToWorker = { id: ++last, request };
      waiting.set(message.id, { resolve, reject });
      worker.postMessage(message, handed);
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
    prepare: (what) => call({ kind: 'prepare', what }),
    features: (picture) => call({ kind: 'features', picture }, picture instanceof Blob ? [] : [picture]),
    teach: (what, classes) => call({ kind: 'teach', what, classes }),
  };
}
