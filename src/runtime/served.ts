import type { ModelMetadata } from '../onnx/metadata.ts';
import type { Guess } from './answer.ts';
import type { Provider } from './types.ts';

/** A provider by name, or what the device's profile puts first. */
export type ProviderWish = Provider | 'auto';

/** What a server runs its camera's frames on; `compare` names a second model that answers to the same frames. */
export type LiveChoice = {
  readonly model: string;
  readonly provider: ProviderWish;
  readonly compare: string | null;
};

/** A model file as a server offers it. */
export type ServedModel = {
  readonly name: string;
  readonly bytes: number;
  readonly metadata: ModelMetadata;
  /** Those of the device's profile that run such a file. */
  readonly providers: readonly Provider[];
};

/** What `GET /v1/models` answers: the models, and the camera's name where there is one. */
export type Served = {
  readonly models: readonly ServedModel[];
  readonly camera: string | null;
  readonly device: string;
};

export type LiveStatus = 'opening' | 'watching' | 'ended' | 'failed';

/** How it stands with the camera: the server's event `state`. */
export type LiveState = {
  readonly status: LiveStatus;
  /** Why it failed, or what else there is to know, in a line; else empty. */
  readonly message: string;
  readonly choice: LiveChoice;
  /** What runs the model; null until it is open. */
  readonly provider: Provider | null;
};

/** What one model said of a frame. */
export type LiveAnswer = {
  readonly provider: Provider;
  /** Averaged over time; null where nothing is likely enough. */
  readonly label: string | null;
  readonly top: readonly Guess[];
  /** Milliseconds of inference alone. */
  readonly infer: number;
};

/** The newest frame and the answers to it: the server's event `answer`. */
export type LiveUpdate = {
  readonly frame: number;
  readonly answer: LiveAnswer;
  readonly compared: LiveAnswer | null;
  /** Milliseconds from a frame's last byte to its answer, of every frame answered since the update before. */
  readonly latencies: readonly number[];
  /** Frames a second, in and answered. */
  readonly rates: { readonly captured: number; readonly answered: number };
  readonly dropped: number;
  /** Degrees Celsius, where the device tells. */
  readonly temperature: number | null;
  /** The frame as a data address of a JPEG. */
  readonly picture: string;
};
