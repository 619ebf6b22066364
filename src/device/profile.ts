import type { SchemeName } from '../tensor/quantization.ts';

/** Execution providers a profile may name; the same names as the runtime's. */
export const PROVIDERS = ['cpu', 'wasm', 'cuda', 'tensorrt', 'webgpu', 'webnn', 'coreml', 'dml'] as const;

export const BACKENDS = ['onnxruntime-node', 'onnxruntime-web'] as const;

export const PRECISIONS = ['int8', 'fp16', 'fp32'] as const;

export type ProviderName = (typeof PROVIDERS)[number];
export type BackendName = (typeof BACKENDS)[number];
export type Precision = (typeof PRECISIONS)[number];

/** How a profile recognises its machine. A hint left out says nothing; every hint given must hold. */
export type DetectHints = {
  readonly arch?: 'x64' | 'arm64' | undefined;
  /** Any one of these among the device tree's `compatible` strings. */
  readonly deviceTree?: readonly string[] | undefined;
  /** Any one of these among the CPU's features. */
  readonly cpuFeatures?: readonly string[] | undefined;
};

export type ProviderChoice = { readonly provider: ProviderName; readonly backend: BackendName };

export type CameraDefault = {
  readonly source: 'v4l2' | 'rpicam' | 'nvargus';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
};

/** What has been done with a profile: on such a machine, under an emulator of it, or not at all. */
export type Verified = {
  readonly how: 'run' | 'emulated' | 'not run';
  readonly what: string;
  readonly where: string;
};

/** A kind of machine: which providers to try in which order, and how to convert and run for it. */
export type DeviceProfile = {
  readonly id: string;
  readonly name: string;
  readonly detect: DetectHints;
  readonly providers: readonly ProviderChoice[];
  readonly scheme: SchemeName;
  readonly precision: Precision;
  /** Threads inside one inference; 0 lets the backend choose. */
  readonly threads: number;
  readonly spinning: boolean;
  readonly camera?: CameraDefault | undefined;
  readonly verified: Verified;
};

/** What a profile may take from the one that it extends. */
export type Inherited = 'providers' | 'scheme' | 'precision' | 'threads' | 'spinning' | 'camera';

/** A profile as its file stores it: what it leaves out comes from the profile named by `extends`. */
export type StoredProfile = Omit<DeviceProfile, Inherited> & {
  readonly [K in Inherited]?: DeviceProfile[K] | undefined;
} & { readonly extends?: string | undefined };
