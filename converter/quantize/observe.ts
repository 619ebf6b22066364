import { ResedgeError } from '../../src/errors.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { histogramBuilder } from './histogram.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';
import { tabled } from './table.ts';

/** Collects statistics of a fixed set of values, batch by batch; memory does not grow with the number of pictures. */
export type Observer = {
  /** Takes some values of one batch, float32 [N, C, ...]; others are passed over. Throws `input` where one is not finite. */
  readonly add: (values: Readonly<Record<string, Tensor>>) => void;
  /** Takes the extremes of every channel, [N, C], of a value of which `add` was given a part. */
  readonly extremes: (name: string, min: Float32Array, max: Float32Array) => void;
  readonly statistics: () => Statistics;
};

export function observer(names: readonly string[]): Observer {
  const values = new Map(names.map((name) => [name, valueObserver(name)]));
  return {
    add: (batch) => {
      for (const [name, value] of values) {
        const tensor = batch[name];
        if (tensor?.dtype === 'float32') value.add(tensor);
      }
    },
    extremes: (name, min, max) => values.get(name)?.extremes(min, max),
    statistics: () => new Map([...values].map(([name, value]) => [name, value.build()])),
  };
}

/** Of values with more elements than this in one picture, a histogram counts every STRIDE-th; ranges and means take all. */
const COUNTED_IN_FULL = 2 ** 16;
const STRIDE = 4;

type ValueObserver = {
  readonly add: (tensor: Tensor<'float32'>) => void;
  readonly extremes: (least: Float32Array, largest: Float32Array) => void;
  readonly build: () => ValueStatistics;
};

function valueObserver(name: string): ValueObserver {
  const histogram = histogramBuilder();
  let count = 0;
  let min: number[] = [];
  let max: number[] = [];
  let sum: number[] = [];
  let squares: number[] = [];
  return {
    add: ({ dims, data }) => {
      const [batch = 1, channels = 1] = dims;
      const area = data.length / (batch * channels);
      const stride = area * channels > COUNTED_IN_FULL ? STRIDE : 1;
      if (min.length === 0) {
        min = new Array<number>(channels).fill(Number.POSITIVE_INFINITY);
        max = new Array<number>(channels).fill(Number.NEGATIVE_INFINITY);
        sum = new Array<number>(channels).fill(0);
        squares = new Array<number>(channels).fill(0);
      }
      for (let plane = 0; plane < batch * channels; plane++) {
        const start = plane * area;
        const seen = histogram.add(data, start, start + area, stride);
        if (!Number.isFinite(seen.sum)) {
          throw new ResedgeError(
            'input',
            `expected finite activations, found NaN or infinity in ${name} on a calibration picture; check the weights and --mean, --std, --scale`,
          );
        }
        const channel = plane % channels;
        min[channel] = Math.min(min[channel]!, seen.min);
        max[channel] = Math.max(max[channel]!, seen.max);
        sum[channel]! += seen.sum;
        squares[channel]! += seen.squares;
      }
      count += data.length;
    },
    extremes: (least, largest) => {
      for (let i = 0; i < least.length; i++) {
        const channel = i % min.length;
        min[channel] = Math.min(min[channel]!, least[i]!);
        max[channel] = Math.max(max[channel]!, largest[i]!);
      }
    },
    build: () => ({
      count,
      min: min.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      max: max.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
      histogram: histogram.build(),
      channels: {
        min,
        max,
        // As a table holds them, so that it gives the same model.
        mean: sum.map((total) => tabled((total * sum.length) / count)),
        power: squares.map((total) => tabled((total * squares.length) / count)),
      },
    }),
  };
}
