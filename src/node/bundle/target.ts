import type { DeviceProfile, Platform, ProviderChoice, StoredProfile } from '../../device/profile.ts';
import { ResedgeError } from '../../errors.ts';
import { loadLineage, loadProfile } from '../device/load-profile.ts';

const LIBCS = ['glibc', 'musl'] as const;

export type Libc = (typeof LIBCS)[number];

/** What runs the model on the device: ONNX Runtime's native build, or its WASM build and the reason. */
export type TargetRuntime = { readonly kind: 'native' } | { readonly kind: 'wasm'; readonly why: string };

/** The device that a bundle is for. */
export type Target = {
  /** With those providers alone that the bundle carries. */
  readonly profile: DeviceProfile;
  readonly platform: Platform;
  readonly arch: 'x64' | 'arm64';
  readonly libc: Libc;
  readonly runtime: TargetRuntime;
};

export type TargetWishes = {
  /** A profile's id or file. */
  readonly device: string;
  readonly libc: Libc;
  /** The bundle runs in a container, whose system is new enough for every native library. */
  readonly docker: boolean;
};

/** Devices whose own system is older than the native libraries of onnxruntime-node ask for. */
const OLD_SYSTEMS: Readonly<Record<string, string>> = {
  'jetson-nano': 'JetPack 4 has glibc 2.27, onnxruntime-node needs 2.28; with --docker it would run natively',
};

/** What a profile that names no architecture stands for, where one is all but everywhere. */
const USUAL: Readonly<Partial<Record<Platform, 'x64' | 'arm64'>>> = { win32: 'x64' };

/** Platforms that onnxruntime-node is built for. */
const BUILDS: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/**
 * Decides what a bundle for a device has to hold. Throws `usage` for a profile that is a browser's or names no architecture, and for
 * wishes that exclude each other; and what `loadProfile` throws.
 */
export function planTarget({ device, libc, docker }: TargetWishes): Target {
  const resolved = loadProfile(device);
  const chain = loadLineage(device);
  if (chain.some(({ detect }) => detect.web !== undefined)) {
    throw new ResedgeError(
      'usage',
      `expected the profile of a device that runs Node.js, ${device} is a browser's: resedge page makes a folder for it`,
    );
  }
  const hint = <K extends 'arch' | 'platform'>(key: K): StoredProfile['detect'][K] =>
    chain.find(({ detect }) => detect[key] !== undefined)?.detect[key];
  const platform = hint('platform') ?? 'linux';
  const arch = hint('arch') ?? USUAL[platform];
  if (arch === undefined) {
    throw new ResedgeError(
      'usage',
      `expected the architecture of ${device} in its profile, there is none: extend a profile that has one, or give detect.arch`,
    );
  }
  if (platform !== 'linux' && (docker || libc === 'musl')) {
    const option = docker ? '--docker' : '--libc musl';
    throw new ResedgeError('usage', `${option} belongs to Linux, ${device} runs ${platform}: leave it out`);
  }
  if (docker && libc === 'musl') {
    throw new ResedgeError('usage', '--docker brings a system with glibc: leave out --libc musl');
  }
  const why = noNative(chain, `${platform}-${arch}`, libc, docker);
  const runtime: TargetRuntime = why === undefined ? { kind: 'native' } : { kind: 'wasm', why };
  return { profile: { ...resolved, providers: carried(resolved, runtime) }, platform, arch, libc, runtime };
}

/** Why ONNX Runtime's native build cannot load on the device; undefined where it can. */
function noNative(chain: readonly StoredProfile[], build: string, libc: Libc, docker: boolean): string | undefined {
  if (!BUILDS.includes(build)) return `onnxruntime-node has no build for ${build}`;
  if (libc === 'musl') return 'onnxruntime-node is built for glibc, not for musl';
  if (docker) return undefined;
  return chain.map(({ id }) => OLD_SYSTEMS[id]).find((reason) => reason !== undefined);
}

function carried({ providers, scheme }: DeviceProfile, { kind }: TargetRuntime): readonly ProviderChoice[] {
  const backend = kind === 'native' ? 'onnxruntime-node' : 'onnxruntime-web';
  const own = providers.filter((choice) => choice.backend === backend);
  if (own.length > 0) return own;
  return [{ provider: kind === 'native' ? 'cpu' : 'wasm', backend, precision: 'int8', scheme }];
}
