import type { SchemeName } from '../tensor/quantization.ts';
import type { ProviderName } from './profile.ts';

/** What a CPU's 8-bit kernels do with the sum of two products: keep it, or clip it to int16. */
export type AccumulatorHazard = 'none' | 'pairs saturate';

/** Each multiplies u8 by s8 and adds four products in int32. */
const EXACT_X64_FEATURES = ['avx_vnni', 'avx512_vnni'];

/**
 * On x64 without VNNI, ONNX Runtime multiplies with VPMADDUBSW, which adds pairs of u8 x s8 products in saturating int16. Arm's
 * kernels widen first. Where an x64's features are not known, the hazard is assumed.
 */
export function accumulatorHazard(arch: string, cpuFeatures: readonly string[]): AccumulatorHazard {
  if (arch !== 'x64') return 'none';
  return EXACT_X64_FEATURES.some((feature) => cpuFeatures.includes(feature)) ? 'none' : 'pairs saturate';
}

/** One line for the user where a model's scheme is not exact on the CPU that runs it, else undefined. */
export function hazardWarning(
  scheme: string,
  provider: ProviderName,
  arch: string,
  cpuFeatures: readonly string[],
): string | undefined {
  const risky: SchemeName = 'u8s8';
  if (scheme !== risky || provider !== 'cpu' || accumulatorHazard(arch, cpuFeatures) === 'none') return undefined;
  return `scheme ${scheme} is not exact on this CPU (x64 without VNNI clips sums of two products): convert with --scheme u8s8-safe`;
}
