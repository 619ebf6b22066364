import type { Conversion } from '../conversion.ts';
import { grouped, percent } from './format.ts';

/** Names listed, at most. */
const NAMED = 3;

/** What the kernels make of a quantized graph, in words. */
export type KernelFacts = {
  /** Layers that run in integers, such as `21 of 21`; undefined where the runtime does not tell. */
  readonly inIntegers: string | undefined;
  /** What runs in float though it was not meant to; empty where nothing does. */
  readonly unfused: string;
  /** What becomes of sums on AVX2 without VNNI. */
  readonly saturation: string;
};

export function kernelFacts({ kernels, plan }: Pick<NonNullable<Conversion['int8']>, 'kernels' | 'plan'>): KernelFacts {
  const { unfused } = kernels;
  const float = unfused?.filter((name) => plan.layers.has(name)).length ?? 0;
  return {
    inIntegers: unfused && `${plan.layers.size - float} of ${plan.layers.size}`,
    unfused: unfused && unfused.length > 0 ? `${listed(unfused)} in float` : '',
    saturation: saturationText(kernels.saturation),
  };
}

function saturationText({ saturated, accumulators, share, impossible, layers }: Saturation): string {
  if (impossible) return 'no accumulator can saturate';
  if (saturated === 0) return `no accumulator saturates (AVX2, ${grouped(accumulators)} looked at)`;
  const where = listed(layers.map((layer) => `${layer.name} ${percent(layer.share)}`));
  return `${percent(share)} of the accumulators saturate on AVX2 without VNNI: ${where}`;
}

type Saturation = NonNullable<Conversion['int8']>['kernels']['saturation'];

function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
