import type { Fault } from '../../runtime/explain.ts';
import type { DeviceType } from '../gpu.ts';
import type { Classified, Feeds, ModelMetadata, RunResult, Session } from '../index.ts';
import type { BrowserProvider } from '../open-model.ts';
import type { TaughtClass } from '../teacher.ts';

/** A model of the page, by its path, and what to run it on. */
export type OpenWhat = {
  readonly path: string;
  readonly provider: BrowserProvider;
  readonly threads: number;
  readonly deviceType: DeviceType;
};

/** What the page asks of its worker. A model that opens takes the place of the one before; that one stays if it does not open. */
export type Request =
  | ({ readonly kind: 'open' } & OpenWhat)
  | { readonly kind: 'run'; readonly feeds: Feeds; readonly outputs: readonly string[] | undefined }
  | { readonly kind: 'classify'; readonly picture: Blob; readonly top: number }
  /** Makes ready to teach this model new classes. */
  | { readonly kind: 'prepare'; readonly what: OpenWhat }
  | { readonly kind: 'features'; readonly picture: Blob | ImageBitmap }
  /** Opens what was taught. */
  | { readonly kind: 'teach'; readonly what: OpenWhat; readonly classes: readonly TaughtClass[] };

/** An opened model without its functions. */
export type Opened = Pick<Session, 'backend' | 'inputs' | 'outputs' | 'loadMs'> & {
  readonly provider: BrowserProvider;
  readonly metadata: ModelMetadata;
  readonly threads: number;
  readonly warnings: readonly string[];
};

export type TaughtModel = {
  readonly opened: Opened;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly accuracy: number;
};

export type Results = {
  readonly open: Opened;
  readonly run: RunResult;
  readonly classify: Classified;
  readonly prepare: undefined;
  readonly features: Float32Array;
  readonly teach: TaughtModel;
};

export type ToWorker = { readonly id: number; readonly request: Request };

export type FromWorker =
  | { readonly kind: 'done'; readonly id: number; readonly result: Results[keyof Results] }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault };
