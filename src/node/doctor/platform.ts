import type { Machine } from '../device/machine.ts';
import type { Check } from './check.ts';
import type { DoctorHost } from './host.ts';

/** What the native libraries of onnxruntime-node are linked against (readelf -V of its linux builds). */
const MIN_GLIBC = '2.28';
/** `engines` of this package. */
const MIN_NODE = '20.19';

const WASM = 'onnxruntime-web runs here instead: npm install onnxruntime-web, and nothing native';
const CONTAINER = 'a container brings a newer system: docker run -it --network host node:20-bookworm-slim';

/** Whether the native libraries can run on this system at all, and the way out where they cannot. */
export function checkPlatform(host: DoctorHost, machine: Pick<Machine, 'cpuFeatures'>): readonly Check[] {
  const { platform, arch, node, glibc, tree } = host;
  const check = (name: string, good: boolean, found: string, mend: string): Check => ({
    ...{ group: 'platform', name, found, state: good ? 'ok' : 'broken' },
    mend: good ? undefined : mend,
  });
  const checks = [
    check(
      'Node.js',
      atLeast(node, MIN_NODE),
      atLeast(node, MIN_NODE) ? node : `${node}, ${MIN_NODE} or later is needed`,
      'nvm install 20',
    ),
    check('architecture', isSupported(platform, arch), describeArch(platform, arch), mendArch(arch)),
  ];
  if (platform !== 'linux') return checks;
  const musl = tree.list('lib').find((name) => name.startsWith('ld-musl-'));
  if (glibc !== undefined) {
    const enough = atLeast(glibc, MIN_GLIBC);
    const found = enough
      ? `glibc ${glibc}`
      : `glibc ${glibc}, onnxruntime-node needs ${MIN_GLIBC} or later (JetPack 4 has 2.27)`;
    checks.push(check('C library', enough, found, `${CONTAINER}; or ${WASM}`));
  } else {
    const found = `${musl === undefined ? 'no glibc' : 'musl'}, onnxruntime-node is built for glibc`;
    checks.push(check('C library', false, found, `${CONTAINER}; or ${WASM}`));
  }
  if (arch !== 'x64') return checks;
  const known = machine.cpuFeatures.length > 0;
  const avx2 = machine.cpuFeatures.includes('avx2');
  if (known && !avx2)
    checks.push({
      ...{ group: 'platform', name: 'instructions', state: 'note' },
      found: 'no AVX2: ONNX Runtime falls back to slow kernels',
      mend: 'resedge bench shows what that costs; a small ResNet, or a CPU of 2013 and later',
    });
  return checks;
}

function isSupported(platform: string, arch: string): boolean {
  return (
    ['linux', 'win32', 'darwin'].includes(platform) && (arch === 'arm64' || (arch === 'x64' && platform !== 'darwin'))
  );
}

function describeArch(platform: string, arch: string): string {
  if (isSupported(platform, arch)) return `${platform} ${arch}`;
  const bits = arch === 'arm' || arch === 'ia32' ? ', 32 bits' : '';
  return `${platform} ${arch}${bits}: onnxruntime-node has no build for it`;
}

function mendArch(arch: string): string {
  if (arch === 'arm')
    return `install the 64-bit Raspberry Pi OS and Node for arm64 (Raspberry Pi 3 and later); or ${WASM}`;
  return WASM;
}

/** Compares dotted versions as far as the wanted one goes. */
export function atLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number));
  for (const [i, number] of (want ?? []).entries()) {
    const own = have?.[i] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
