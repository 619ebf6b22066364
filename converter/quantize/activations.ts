import { ResedgeError } from '../../src/errors.ts';
import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import { verify } from '../graph/verify.ts';
import type { View } from '../graph/view.ts';
import type { ActivationPlan } from './plan.ts';
import { chooseRange, type Range, type RangeMethod } from './range.ts';
import { activationLimits, type Scheme } from './scheme.ts';
import { selectValues } from './select.ts';
import type { Statistics, ValueStatistics } from './statistics.ts';

/** Scales below this would underflow when multiplied by a weight's scale. */
const MIN_SCALE = 1e-18;

/** Parameters of every selected value. Throws `input` where the statistics lack a value: they are another model's. */
export function planActivations(
  view: View,
  statistics: Statistics,
  scheme: Scheme,
  method: RangeMethod,
): ReadonlyMap<string, ActivationPlan> {
  const facts = verify(view.graph, 'activations');
  const plans = new Map<string, ActivationPlan>();
  for (const { value, sharesWith } of selectValues(view)) {
    const shared = sharesWith === undefined ? undefined : plans.get(sharesWith);
    if (sharesWith !== undefined && shared) {
      plans.set(value, { ...shared, sharesWith, reason: `shares with ${sharesWith}, whose numbers it only moves` });
      continue;
    }
    const seen = statistics.get(value);
    if (!seen)
      throw new ResedgeError(
        'input',
        `expected calibration statistics of ${value}: the table was made for another model`,
      );
    const [channels, expected] = [seen.channels.max.length, facts.get(value)?.dims[1]];
    if (channels !== expected)
      throw new ResedgeError(
        'input',
        `expected calibration statistics of ${value} in ${expected} channels, found ${channels}: the table was made for another model`,
      );
    const { range, ...parameters } = storedRange(seen, scheme, method);
    const clip = `${range.min.toPrecision(4)} to ${range.max.toPrecision(4)}`;
    const whole = `${seen.min.toPrecision(4)} to ${seen.max.toPrecision(4)}`;
    plans.set(value, { ...parameters, reason: `${method} keeps ${clip} of ${whole}` });
  }
  return plans;
}

/** The range of a value by what was seen of it, and the parameters that store it. */
export function storedRange(
  seen: ValueStatistics,
  scheme: Scheme,
  method: RangeMethod,
): QuantizationParameters & { readonly range: Range } {
  const [low, high] = activationLimits(scheme);
  const { dtype, symmetric } = scheme.activation;
  const range = chooseRange(seen, { method, steps: high - low, symmetric });
  const scale = Math.fround(Math.max((range.max - range.min) / (high - low), MIN_SCALE));
  const zeroPoint = symmetric ? 0 : Math.max(low, Math.min(high, Math.round(low - range.min / scale)));
  return { dtype, scale, zeroPoint, range };
}
