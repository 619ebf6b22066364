import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { float32, type Tensor } from '../src/tensor/tensor.ts';
import { pixelCode } from './passes/raw-input.ts';
import { observer } from './quantize/observe.ts';
import type { Statistics, ValueStatistics } from './quantize/statistics.ts';

/** Standard deviation of a photograph's pixels where none were seen. */
const TYPICAL_DEVIATION = 64;

/**
 * Statistics of a raw input as INT8 reads it (`pixels.dq`: pixel minus zero point, with the constant channel), from those of the
 * centred float input, or from the model's own mean where it was not observed. Empty for a float input.
 */
export function pixelStatistics(preprocessing: Preprocessing, observed: Statistics): Statistics {
  if (preprocessing.input !== 'raw') return new Map();
  const { zero, mean, constant } = pixelCode(preprocessing);
  const centred = observed.get('pixels.centred');
  const shift = mean.map((m) => m - zero);
  const extra = constant - zero;
  const channel = shift.map((s, c) => {
    const average = centred?.channels.mean[c] ?? 0;
    const power = centred?.channels.power[c] ?? TYPICAL_DEVIATION ** 2;
    return { mean: s + average, power: power + 2 * s * average + s * s };
  });
  const statistics: ValueStatistics = {
    count: centred?.count ?? 0,
    min: -zero,
    max: 255 - zero,
    histogram: { width: 1, zeros: 0, first: 0, counts: [] },
    channels: {
      min: [...shift.map(() => -zero), extra],
      max: [...shift.map(() => 255 - zero), extra],
      mean: [...channel.map((c) => c.mean), extra],
      power: [...channel.map((c) => c.power), extra * extra],
    },
  };
  return new Map([['pixels.dq', statistics]]);
}

/** Statistics of a classic float input that no picture was seen of, every brightness being as likely. Empty for a raw input. */
export function brightnessStatistics({ input, layout, mean, std, scale }: Preprocessing): Statistics {
  if (input === 'raw') return new Map();
  const levels = 256;
  const data = Float32Array.from({ length: 3 * levels }, (_, i) => {
    const channel = Math.floor(i / levels);
    return ((i % levels) / scale - mean[channel]!) / std[channel]!;
  });
  const name = layout === 'nchw' ? 'input' : 'input.nchw';
  const seen = observer([name]);
  seen.add({ [name]: float32([1, 3, levels, 1], data) });
  return seen.statistics();
}

/** The centred float input [N, 3, H, W] as INT8 reads it: pixel minus zero point, with the constant channel, [N, 4, H, W]. */
export function pixelInputValues(centred: Tensor<'float32'>, preprocessing: Preprocessing): Tensor<'float32'> {
  const { zero, mean, constant } = pixelCode(preprocessing);
  const [batch = 1, , height = 1, width = 1] = centred.dims;
  const area = height * width;
  const data = new Float32Array(batch * 4 * area).fill(constant - zero);
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < 3; c++) {
      const shift = mean[c]! - zero;
      const from = (n * 3 + c) * area;
      const to = (n * 4 + c) * area;
      for (let i = 0; i < area; i++) data[to + i] = centred.data[from + i]! + shift;
    }
  }
  return { dtype: 'float32', dims: [batch, 4, height, width], data };
}
