import { elementCount } from '../../../src/tensor/tensor.ts';
import type { OpOf } from '../../graph/op.ts';
import type { Emitter } from '../emitter.ts';
import type { Rule, Site } from '../site.ts';
import { product, reshaped, scaled, summed } from './elements.ts';

/** Where a live batch norm leaves the statistics of the batch, [C]. */
export function statisticsOf(output: string): { readonly mean: string; readonly variance: string } {
  return { mean: `${output}/mean`, variance: `${output}/variance` };
}

type NormSite = Site<'BatchNormalization'>;

/** A vector [C] as it meets an image. */
function perChannel({ emit, dims }: NormSite, value: string): string {
  const [, c = 1, ...rest] = dims(0);
  return reshaped(emit, value, [c, ...rest.map(() => 1)]);
}

function inverseDeviation(emit: Emitter, variance: string, { epsilon }: OpOf<'BatchNormalization'>): string {
  return emit.add('Reciprocal', [emit.add('Sqrt', [emit.add('Add', [variance, emit.scalar(epsilon)])])]);
}

/** Sums over every channel of the gradient, and of the gradient times the input: both [C]. */
function sums(site: NormSite, gradient: string): readonly [string, string] {
  const { emit, input, dims } = site;
  const axes = dims(0).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return [summed(emit, gradient, axes, false), summed(emit, product(emit, gradient, input(0)), axes, false)];
}

/** With learnt statistics a norm is an affine map of each channel. */
export const frozenNorm: Rule<'BatchNormalization'> = (site, gradient) => {
  const { emit, op, input, needs } = site;
  const inverse = inverseDeviation(emit, input(4), op);
  const dx = needs(0) ? product(emit, gradient, perChannel(site, product(emit, input(1), inverse))) : undefined;
  if (!needs(1) && !needs(2)) return [dx];
  const [sum, weighed] = sums(site, gradient);
  const dGamma = product(emit, emit.add('Sub', [weighed, product(emit, input(3), sum)]), inverse);
  return [dx, dGamma, sum];
};

/**
 * With the statistics of the batch (Ioffe and Szegedy, 2015, section 3) the gradient is affine in the output's gradient and in the
 * input: two sums and one pass over the image.
 */
export const liveNorm: Rule<'BatchNormalization'> = (site, gradient) => {
  const { emit, op, input, needs, output, dims } = site;
  const { mean, variance } = statisticsOf(output);
  const inverse = inverseDeviation(emit, variance, op);
  const [sum, weighed] = sums(site, gradient);
  const dGamma = product(emit, emit.add('Sub', [weighed, product(emit, mean, sum)]), inverse);
  if (!needs(0)) return [undefined, dGamma, sum];
  const [, c = 1] = dims(0);
  const share = c / elementCount(dims(0));
  const slope = product(emit, input(1), inverse);
  const ofInput = scaled(emit, product(emit, slope, inverse, dGamma), -share);
  const offset = emit.add('Add', [scaled(emit, product(emit, slope, sum), share), product(emit, ofInput, mean)]);
  const dx = emit.add('Sub', [
    emit.add('Add', [
      product(emit, gradient, perChannel(site, slope)),
      product(emit, input(0), perChannel(site, ofInput)),
    ]),
    perChannel(site, offset),
  ]);
  return [dx, dGamma, sum];
};
