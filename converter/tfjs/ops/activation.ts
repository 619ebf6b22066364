import { float } from '../../graph/ops/types.ts';
import type { Call, Translator } from '../types.ts';

/** What a fused node does behind its product: a bias, then an activation. */
export type Fused = {
  readonly bias: string | undefined;
  readonly activation: string | undefined;
  /** Of a Prelu. */
  readonly slopes: string | undefined;
};

/** TensorFlow's slope of LeakyRelu. */
const SLOPE = 0.2;

/** `fused_ops` of a node with the operands behind its second; nothing for a node without. */
export function fusedOf({ node, source, inputs }: Call): Fused {
  const given = node.attributes.get('fused_ops');
  const ops = given?.kind === 'strings' ? [...given.value] : [];
  const operands = inputs.slice(2);
  const bias = ops[0] === 'BiasAdd' ? (operands.shift() ?? source.refuse('a bias for its BiasAdd')) : undefined;
  const [activation, ...more] = bias === undefined ? ops : ops.slice(1);
  if (more.length > 0 || activation === 'FusedBatchNorm') {
    source.refuse(`a bias and an activation as fused_ops, received ${ops.join(', ')}`);
  }
  return { bias, activation, slopes: operands[0] };
}

export function activate(call: Call, value: string, { activation, slopes }: Fused): string {
  if (activation === undefined) return value;
  switch (activation) {
    case 'LeakyRelu':
      return call.emit('LeakyRelu', [value], { alpha: float(call.source.float('leakyrelu_alpha', SLOPE)) }, 'fused');
    case 'Relu6':
      return clip(call, value, 6, 'fused');
    case 'Prelu':
      return call.emit('PRelu', [value, slopes ?? call.source.refuse('slopes for its Prelu')], {}, 'fused');
    case 'Elu':
    case 'Relu':
    case 'Sigmoid':
    case 'Tanh':
      return call.emit(activation, [value], {}, 'fused');
    default:
      return call.source.refuse(`an activation that is known among its fused_ops, received ${activation}`);
  }
}

/** Between 0 and a limit. */
function clip(call: Call, value: string, limit: number, tag?: string): string {
  return call.emit('Clip', [value, call.number(0, 'min'), call.number(limit, 'max')], {}, tag);
}

/** An operator that ONNX has under the same or another name, with the same inputs. */
export function same(op: string): Translator {
  return (call) => call.emit(op, call.inputs);
}

/** One bound that is known: half of a Clip. */
function bound(op: 'Max' | 'Min'): Translator {
  return (call) => {
    const known = call.source.inputs.map((operand) => operand?.constant !== undefined);
    const at = known.indexOf(true);
    if (at < 0 || known.every(Boolean)) return call.emit(op, call.inputs);
    const [value, limit] = [call.input(1 - at), call.input(at)];
    return call.emit('Clip', op === 'Max' ? [value, limit] : [value, '', limit]);
  };
}

/** What only passes its input on once a model is trained. */
const pass: Translator = (call) => call.input(0);

export const activations: Readonly<Record<string, Translator>> = {
  CheckNumerics: pass,
  Elu: same('Elu'),
  Erf: same('Erf'),
  Identity: pass,
  LeakyRelu: (call) => call.emit('LeakyRelu', call.inputs, { alpha: float(call.source.float('alpha', SLOPE)) }),
  Maximum: bound('Max'),
  Minimum: bound('Min'),
  PreventGradient: pass,
  Prelu: same('PRelu'),
  Relu: same('Relu'),
  Relu6: (call) => clip(call, call.input(0), 6),
  Sigmoid: same('Sigmoid'),
  Snapshot: pass,
  Softmax: (call) => call.emit('Softmax', call.inputs, { axis: { kind: 'int', value: -1 } }),
  Softplus: same('Softplus'),
  StopGradient: pass,
  Tanh: same('Tanh'),
};
