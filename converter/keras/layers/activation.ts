import type { Constant } from '../../graph/graph.ts';
import type { Op } from '../../graph/op.ts';
import { isJson, shown } from '../../json.ts';
import type { Call, LayerReader, Value } from '../types.ts';

/** Keras 3's slope of `leaky_relu`, Keras 2's of LeakyReLU, and ELU's. */
const SLOPE = { function: 0.2, layer: 0.3, elu: 1 } as const;

/** Keras 2 computes clip(0.2 x + 0.5, 0, 1), Keras 3 relu6(x + 3) / 6. */
const hardSigmoid = (version: number): Op => ({ kind: 'HardSigmoid', alpha: version < 3 ? 0.2 : 1 / 6, beta: 0.5 });

/** Activations of one op, by Keras's names. */
function opNamed(name: string, rank: number, version: number): Op | undefined {
  switch (name) {
    case 'relu':
      return { kind: 'Relu' };
    case 'relu6':
      return { kind: 'Clip', min: 0, max: 6 };
    case 'sigmoid':
      return { kind: 'Sigmoid' };
    case 'tanh':
      return { kind: 'Tanh' };
    case 'softplus':
      return { kind: 'Softplus' };
    case 'elu':
      return { kind: 'Elu', alpha: SLOPE.elu };
    case 'leaky_relu':
      return { kind: 'LeakyRelu', alpha: SLOPE.function };
    case 'hard_sigmoid':
      return hardSigmoid(version);
    case 'hard_silu':
    case 'hard_swish':
      return { kind: 'HardSwish' };
    case 'softmax':
      // The channels of an image stand on axis 1.
      return { kind: 'Softmax', axis: rank === 4 ? 1 : rank - 1 };
    default:
      return undefined;
  }
}

/** A layer's `activation`, a name or Keras 3's description of one, on what the layer computed. */
export function activate(call: Call, value: Value, setting: unknown): Value {
  const name = isJson(setting) ? (setting['config'] ?? setting['class_name']) : (setting ?? 'linear');
  if (name === 'linear') return value;
  const { dims } = value.fact;
  if (name === 'softmax' && !call.channelsLast && dims.length === 4) call.refuse('a softmax over channels');
  if (name === 'silu' || name === 'swish') {
    return call.emit({ kind: 'Mul' }, [value, call.emit({ kind: 'Sigmoid' }, [value])]);
  }
  const op = typeof name === 'string' ? opNamed(name, dims.length, call.version) : undefined;
  return call.emit(op ?? call.refuse(`an activation that is known, received ${shown(setting)}`), [value]);
}

const activation: LayerReader = (call) => activate(call, call.input(), call.raw('activation'));

const reLU: LayerReader = (call) => {
  const [limit, slope] = [call.number('max_value'), call.number('negative_slope') ?? 0];
  if ((call.number('threshold') ?? 0) !== 0) call.refuse('a threshold of 0');
  if (slope !== 0 && limit !== undefined) call.refuse('either a max_value or a negative_slope');
  if (slope !== 0) return call.emit({ kind: 'LeakyRelu', alpha: slope }, [call.input()]);
  return call.emit(limit === undefined ? { kind: 'Relu' } : { kind: 'Clip', min: 0, max: limit }, [call.input()]);
};

const leakyReLU: LayerReader = (call) => {
  const alpha = call.number('negative_slope') ?? call.number('alpha') ?? SLOPE.layer;
  return call.emit({ kind: 'LeakyRelu', alpha }, [call.input()]);
};

const elu: LayerReader = (call) => call.emit({ kind: 'Elu', alpha: call.number('alpha') ?? SLOPE.elu }, [call.input()]);

/** One slope a channel. */
const pReLU: LayerReader = (call) => {
  const { value, dims } = call.image();
  const [channels] = dims;
  const [slopes] = call.weights([{ name: 'alpha', dims: call.channelsLast ? [1, 1, channels] : [channels, 1, 1] }]);
  const alpha: Constant<'float32'> = { ...slopes!, dims: [channels, 1, 1] };
  return call.emit({ kind: 'PRelu' }, [value, alpha]);
};

const softmax: LayerReader = (call) => {
  const rank = call.input().fact.dims.length;
  const axis = call.number('axis') ?? -1;
  if (axis !== -1 && axis !== rank - 1) call.refuse(`a softmax over the last axis, received axis ${axis}`);
  return activate(call, call.input(), 'softmax');
};

export const activations: Readonly<Record<string, LayerReader>> = {
  Activation: activation,
  ELU: elu,
  LeakyReLU: leakyReLU,
  PReLU: pReLU,
  ReLU: reLU,
  Softmax: softmax,
};
