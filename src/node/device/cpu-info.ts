/** A CPU as /proc/cpuinfo describes it; only the features that matter to the kernels, and that all of its cores have. */
export type CpuInfo = {
  readonly model: string;
  readonly features: readonly string[];
  /** Logical processors listed, and those among them that are no efficiency cores beside faster ones; 0: not said. */
  readonly cores: number;
  readonly performanceCores: number;
};

/** Features that ONNX Runtime's kernels branch on, in the kernel's spelling. */
const RELEVANT = [
  'sse4_1',
  'avx',
  'avx2',
  'fma',
  'f16c',
  'avx_vnni',
  'avx512f',
  'avx512bw',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'amx_int8',
  'asimd',
  'fphp',
  'asimdhp',
  'asimddp',
  'i8mm',
  'bf16',
  'sve',
];

type Part = { readonly name: string; readonly small?: true };

/** Part numbers of the cores on common boards, by implementer; `small` ones save power beside faster ones. */
const PARTS: Readonly<Record<string, Part>> = {
  '0x41 0xd03': { name: 'Cortex-A53', small: true },
  '0x41 0xd04': { name: 'Cortex-A35', small: true },
  '0x41 0xd05': { name: 'Cortex-A55', small: true },
  '0x41 0xd07': { name: 'Cortex-A57' },
  '0x41 0xd08': { name: 'Cortex-A72' },
  '0x41 0xd09': { name: 'Cortex-A73' },
  '0x41 0xd0a': { name: 'Cortex-A75' },
  '0x41 0xd0b': { name: 'Cortex-A76' },
  '0x41 0xd0c': { name: 'Neoverse N1' },
  '0x41 0xd40': { name: 'Neoverse V1' },
  '0x41 0xd41': { name: 'Cortex-A78' },
  '0x41 0xd42': { name: 'Cortex-A78AE' },
  '0x41 0xd46': { name: 'Cortex-A510', small: true },
  '0x41 0xd49': { name: 'Neoverse N2' },
  '0x41 0xd4f': { name: 'Neoverse V2' },
  '0x41 0xd80': { name: 'Cortex-A520', small: true },
  '0x4e 0x004': { name: 'NVIDIA Carmel' },
  '0x61 0x022': { name: 'Apple M1 Icestorm', small: true },
  '0x61 0x023': { name: 'Apple M1 Firestorm' },
  '0x61 0x032': { name: 'Apple M2 Blizzard', small: true },
  '0x61 0x033': { name: 'Apple M2 Avalanche' },
};

/** All values of a key in /proc/cpuinfo's `key : value` lines. */
function lineValues(text: string, key: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^${key}[ \\t]*:[ \\t]*(.*)$`, 'gm'))].map(([, value = '']) => value.trim());
}

function armParts(text: string): readonly Part[] {
  const implementers = lineValues(text, 'CPU implementer');
  return lineValues(text, 'CPU part').map((part, i) => {
    const implementer = implementers[i] ?? 'unknown';
    return PARTS[`${implementer} ${part}`] ?? { name: `Arm implementer ${implementer} part ${part}` };
  });
}

/** `Cortex-A72`, or `4 x Cortex-A76, 4 x Cortex-A55` with the fastest first. */
function nameOf(parts: readonly Part[]): string | undefined {
  const names = [...parts].sort((a, b) => Number(a.small ?? false) - Number(b.small ?? false)).map(({ name }) => name);
  const kinds = [...new Set(names)];
  if (kinds.length < 2) return kinds[0];
  return kinds.map((kind) => `${names.filter((name) => name === kind).length} x ${kind}`).join(', ');
}

/** Reads the text of /proc/cpuinfo of x64 or arm64. What it does not say is `unknown`, 0 or left out. */
export function parseCpuInfo(text: string): CpuInfo {
  const named = [...lineValues(text, 'flags'), ...lineValues(text, 'Features')].map(
    (line) => new Set(line.split(/\s+/)),
  );
  const parts = armParts(text);
  const fast = parts.filter(({ small }) => !small).length;
  const cores = lineValues(text, 'processor').length;
  return {
    // Arm's older kernels write a name that is the same for all.
    model: nameOf(parts) ?? lineValues(text, 'model name')[0] ?? 'unknown',
    features: RELEVANT.filter((feature) => named.length > 0 && named.every((one) => one.has(feature))),
    cores,
    performanceCores: fast > 0 ? fast : cores,
  };
}

/** Splits a device tree property: strings, each ended by a zero byte. */
export function parseDeviceTreeStrings(text: string): readonly string[] {
  return text.split('\0').filter((value) => value !== '');
}
