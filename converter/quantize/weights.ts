/** How one output channel's weights are stored and read: memory order [channels, height, width]. */
export type KernelShape = { readonly channels: number; readonly height: number; readonly width: number };

export type QuantizedRow = {
  readonly scale: number;
  /** True where the scale or single weights gave way so that no pair can saturate. */
  readonly limited: boolean;
};

export type RowOptions = {
  /** Largest stored magnitude. */
  readonly max: number;
  /** Scales below this are raised to it, so that a bias of this row fits int32. */
  readonly minScale: number;
  /** What each input channel's error costs: mean of its squared activations. */
  readonly power: ArrayLike<number>;
  /** Largest stored activation of each input channel, where pairs of products must fit int16; absent: exact kernel. */
  readonly peaks?: ArrayLike<number>;
};

/** int16's largest value, and the largest sum of a pair that a saturating kernel still adds right. */
const PAIR_LIMIT = 32767;
/** Scales tried where pairs would saturate: from the finest to the one that halves every weight. */
const SCALE_STEPS = 24;

/**
 * Quantizes one output channel to signed integers with a scale of its own.
 *
 * With `peaks`, pairs obey peak0 * q0 + peak1 * q1 <= 32767 on either side of zero. The pairs are those of ONNX Runtime's AVX2
 * kernel: neighbours 2i, 2i + 1 in the order (kernel row, kernel column, input channel). A pair in excess gives way by a coarser
 * scale for the row or by smaller integers for the pair alone, whichever costs less squared error at the output.
 */
export function quantizeRow(row: Float32Array, shape: KernelShape, options: RowOptions, out: Int8Array): QuantizedRow {
  let peak = 0;
  for (let i = 0; i < row.length; i++) peak = Math.max(peak, Math.abs(row[i]!));
  const finest = Math.fround(Math.max(peak / options.max, options.minScale));
  roundRow(row, finest, options.max, out);
  const { peaks } = options;
  if (peaks === undefined || limitPairs(row, finest, shape, { ...options, peaks }, out) === 0) {
    return { scale: finest, limited: false };
  }
  let bestScale = finest;
  let bestError = rowError(row, finest, shape, options.power, out);
  const trial = new Int8Array(out.length);
  for (let step = 1; step <= SCALE_STEPS; step++) {
    const scale = Math.fround(finest * (1 + step / SCALE_STEPS));
    roundRow(row, scale, options.max, trial);
    const moved = limitPairs(row, scale, shape, { ...options, peaks }, trial);
    const error = rowError(row, scale, shape, options.power, trial);
    if (error < bestError) {
      bestError = error;
      bestScale = scale;
      out.set(trial);
    }
    if (moved === 0) break;
  }
  return { scale: bestScale, limited: true };
}

function roundRow(row: Float32Array, scale: number, max: number, out: Int8Array): void {
  for (let i = 0; i < row.length; i++) out[i] = Math.max(-max, Math.min(max, Math.round(row[i]! / scale)));
}

function rowError(
  row: Float32Array,
  scale: number,
  shape: KernelShape,
  power: ArrayLike<number>,
  q: Int8Array,
): number {
  const area = shape.height * shape.width;
  let error = 0;
  for (let i = 0; i < row.length; i++) {
    const difference = q[i]! * scale - row[i]!;
    error += difference * difference * power[Math.floor(i / area)]!;
  }
  return error;
}

/** Shrinks single integers until no pair can saturate; returns how many steps that took. */
function limitPairs(
  row: Float32Array,
  scale: number,
  shape: KernelShape,
  { power, peaks }: { readonly power: ArrayLike<number>; readonly peaks: ArrayLike<number> },
  q: Int8Array,
): number {
  const { channels } = shape;
  const area = shape.height * shape.width;
  let steps = 0;
  for (let k = 0; k + 1 < row.length; k += 2) {
    const c0 = k % channels;
    const c1 = (k + 1) % channels;
    const i0 = c0 * area + Math.floor(k / channels);
    const i1 = c1 * area + Math.floor((k + 1) / channels);
    // Opposite signs cannot add up beyond what one product alone reaches, and that fits.
    while (q[i0]! * q[i1]! > 0 && Math.abs(peaks[c0]! * q[i0]! + peaks[c1]! * q[i1]!) > PAIR_LIMIT) {
      const sign = Math.sign(q[i0]!);
      const cost0 = shrinkCost(row[i0]! / scale, q[i0]!, sign) * power[c0]!;
      const cost1 = shrinkCost(row[i1]! / scale, q[i1]!, sign) * power[c1]!;
      // Per unit of the sum that is won back: a step of q0 wins peak0.
      if (cost0 * peaks[c1]! <= cost1 * peaks[c0]!) q[i0]! -= sign;
      else q[i1]! -= sign;
      steps++;
    }
  }
  return steps;
}

/** Growth of the squared rounding error, in steps of the scale, when q moves one towards zero. */
function shrinkCost(exact: number, q: number, sign: number): number {
  return (q - sign - exact) ** 2 - (q - exact) ** 2;
}
