import { ResedgeError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Session } from './types.ts';

export type Scores = {
  /** Float32 [batch, classes], row by row. */
  readonly data: Float32Array;
  readonly classes: number;
  /** Milliseconds of the inference alone. */
  readonly ms: number;
};

/** Runs a classifier: one input, one output [N, classes]. Throws `input` for a model of another shape. */
export async function scoresOf(session: Session, input: Tensor): Promise<Scores> {
  const [first, ...more] = session.inputs;
  const [output] = session.outputs;
  if (!first || !output || more.length > 0) {
    throw new ResedgeError(
      'input',
      `expected a model with one input and one output, found ${session.inputs.length} inputs`,
    );
  }
  const { outputs, ms } = await session.run({ [first.name]: input }, [output.name]);
  const scores = outputs[output.name];
  if (scores?.dtype !== 'float32' || scores.dims.length !== 2) {
    throw new ResedgeError(
      'input',
      `expected float32 [N, classes] from ${output.name}, received ${scores?.dtype} [${scores?.dims}]`,
    );
  }
  return { data: scores.data, classes: scores.dims[1] ?? 0, ms };
}
