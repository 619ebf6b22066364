/** A CPU as /proc/cpuinfo describes it; only the features that matter to the kernels. */
export type CpuInfo = { readonly model: string; readonly features: readonly string[] };

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

/** Arm's part numbers (implementer 0x41) of the cores on common boards. */
const ARM_PARTS: Readonly<Record<string, string>> = {
  '0xd03': 'Cortex-A53',
  '0xd04': 'Cortex-A35',
  '0xd05': 'Cortex-A55',
  '0xd07': 'Cortex-A57',
  '0xd08': 'Cortex-A72',
  '0xd09': 'Cortex-A73',
  '0xd0a': 'Cortex-A75',
  '0xd0b': 'Cortex-A76',
  '0xd0c': 'Neoverse N1',
  '0xd40': 'Neoverse V1',
  '0xd41': 'Cortex-A78',
  '0xd42': 'Cortex-A78AE',
  '0xd49': 'Neoverse N2',
};

const ARM_IMPLEMENTER = '0x41';

/** First value of a key in /proc/cpuinfo's `key : value` lines. */
function lineValue(text: string, key: string): string | undefined {
  return new RegExp(`^${key}[ \\t]*:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim();
}

function armModel(text: string): string | undefined {
  const part = lineValue(text, 'CPU part');
  if (part === undefined) return undefined;
  const implementer = lineValue(text, 'CPU implementer') ?? 'unknown';
  return (
    (implementer === ARM_IMPLEMENTER ? ARM_PARTS[part] : undefined) ?? `Arm implementer ${implementer} part ${part}`
  );
}

/** Reads the text of /proc/cpuinfo of x64 or arm64. What it does not say is `unknown` or left out. */
export function parseCpuInfo(text: string): CpuInfo {
  const named = new Set((lineValue(text, 'flags') ?? lineValue(text, 'Features') ?? '').split(/\s+/));
  return {
    model: lineValue(text, 'model name') ?? armModel(text) ?? 'unknown',
    features: RELEVANT.filter((feature) => named.has(feature)),
  };
}

/** Splits a device tree property: strings, each ended by a zero byte. */
export function parseDeviceTreeStrings(text: string): readonly string[] {
  return text.split('\0').filter((value) => value !== '');
}
