import type { Head } from './find-head.ts';
import { type FeatureMemory, remember } from './memory.ts';

/** Stores rows of features, class by class, as precisely as the head reads them: exactly where they are bytes already. */
export function rememberFor({ features, input }: Head, rows: readonly Float32Array[]): FeatureMemory {
  if (input.kind !== 'stored' || input.parameters.dtype !== 'uint8') return remember(rows, features);
  const { scale, zeroPoint } = input.parameters;
  return remember(rows, features, { scale, offset: -zeroPoint * scale });
}
