import type { SchemeName } from '../tensor/quantization.ts';

/** Execution providers a profile may name; the same names as the runtime's. */
export const PROVIDERS = ['cpu', 'wasm', 'cuda', 'tensorrt', 'webgpu', 'webnn', 'coreml', 'dml'] as const;

export const BACKENDS = ['onnxruntime-node', 'onnxruntime-web'] as const;

export const PRECISIONS = ['int8', 'fp16', 'fp32'] as const;

export const PLATFORMS = ['linux', 'darwin', 'win32'] as const;

/** Accelerators that a machine shows by a device node or on USB. */
export const ACCELERATORS = ['nvidia', 'rockchip-npu', 'hailo', 'edge-tpu', 'npu', 'gpu'] as const;

/** What a browser's page can compute with, the more telling later. */
export const WEB_APIS = ['wasm', 'webgpu', 'webnn'] as const;

export const CAMERA_SOURCES = ['v4l2', 'rpicam', 'nvargus', 'avfoundation', 'dshow', 'getusermedia'] as const;

export type ProviderName = (typeof PROVIDERS)[number];
export type BackendName = (typeof BACKENDS)[number];
export type Precision = (typeof PRECISIONS)[number];
export type Platform = (typeof PLATFORMS)[number];
export type AcceleratorName = (typeof ACCELERATORS)[number];
export type WebApi = (typeof WEB_APIS)[number];

/** How a profile recognises its machine. A hint left out says nothing; every hint given must hold. */
export type DetectHints = {
  readonly arch?: 'x64' | 'arm64' | undefined;
  readonly platform?: Platform | undefined;
  /** Any one of these among the device tree's `compatible` strings; `*` stands for any characters. */
  readonly deviceTree?: readonly string[] | undefined;
  /** Any one of these among the CPU's features. */
  readonly cpuFeatures?: readonly string[] | undefined;
  /** Any one of these among the accelerators seen. */
  readonly accelerators?: readonly AcceleratorName[] | undefined;
  /** The page can compute with this. */
  readonly web?: WebApi | undefined;
};

/** Settings of a provider by its own names. */
export type ProviderOptions = Readonly<Record<string, string | number | boolean>>;

/** One provider of a profile, and the file that suits it. */
export type ProviderChoice = {
  readonly provider: ProviderName;
  readonly backend: BackendName;
  readonly precision: Precision;
  /** The quantization that suits it; INT8 only. */
  readonly scheme?: SchemeName | undefined;
  readonly options?: ProviderOptions | undefined;
};

export type CameraDefault = {
  readonly source: (typeof CAMERA_SOURCES)[number];
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
  /** The file that `convert` makes for this machine; `scheme` counts where it is INT8. */
  readonly precision: Precision;
  readonly scheme: SchemeName;
  /** Threads inside one inference; 0 lets the backend choose. */
  readonly threads: number;
  readonly spinning: boolean;
  /** What one session may hold, in units of 2^20 bytes. */
  readonly memoryBudgetMb: number;
  readonly camera?: CameraDefault | undefined;
  /** What its owner should know, a sentence each. */
  readonly notes: readonly string[];
  readonly verified: Verified;
};

/** What a profile may take from the one that it extends. */
export type Inherited =
  | 'providers'
  | 'precision'
  | 'scheme'
  | 'threads'
  | 'spinning'
  | 'memoryBudgetMb'
  | 'camera'
  | 'notes';

/** A profile as its file stores it: what it leaves out comes from the profile named by `extends`. */
export type StoredProfile = Omit<DeviceProfile, Inherited> & {
  readonly [K in Inherited]?: DeviceProfile[K] | undefined;
} & { readonly extends?: string | undefined };
