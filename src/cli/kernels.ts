import type { Conversion } from '../../converter/conversion.ts';
import { kernelFacts } from '../../converter/report/kernels.ts';

type Int8 = NonNullable<Conversion['int8']>;

/** `21 of 21 layers run in INT8, no accumulator can saturate`. */
export function kernelsLine(int8: Int8): string {
  const { inIntegers, unfused, saturation } = kernelFacts(int8);
  const run =
    inIntegers === undefined
      ? 'not known here which layers run in INT8'
      : `${inIntegers} layers run in INT8${unfused === '' ? '' : ` (${unfused})`}`;
  return `${run}, ${saturation}`.replaceAll('\u00a0', ' ');
}

/** The same as figures; `unfused` is null where it is not known. */
export function kernelsJson({ kernels: { saturation, unfused } }: Int8): Record<string, unknown> {
  const { saturated, accumulators, share, layers } = saturation;
  return {
    saturated,
    accumulators,
    saturatedShare: share,
    saturatedLayers: layers,
    unfused: unfused ?? null,
  };
}
