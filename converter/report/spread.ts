import type { LayerPlan } from '../quantize/plan.ts';

/** How a layer's output channels differ in their largest stored weight. */
export type Spread = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly channels: number;
  /** Channels that gave way to the int16 hazard. */
  readonly limited: number;
  /** Of the channels that are not all zero; absent where every one is. */
  readonly quartiles: readonly [number, number, number, number, number] | undefined;
};

export function spreadOf(name: string, { dims, data, scales, limited }: LayerPlan): Spread {
  const size = data.length / scales.length;
  const largest = Float64Array.from(scales, (scale, row) => {
    const weights = data.subarray(row * size, (row + 1) * size);
    return scale * weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  });
  const live = largest.filter((value) => value > 0).sort();
  const at = (share: number): number => live[Math.round(share * (live.length - 1))]!;
  const quartiles = [at(0), at(0.25), at(0.5), at(0.75), at(1)] as const;
  return { name, dims, channels: scales.length, limited, quartiles: live.length > 0 ? quartiles : undefined };
}
