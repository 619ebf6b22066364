import { ResedgeError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { ofFixedBatch } from './fixed-batch.ts';
import type { Session } from './types.ts';

export type Scores = {
  /** Float32 [batch, classes], row by row. */
  readonly data: Float32Array;
  readonly classes: number;
  /** Milliseconds of the inference alone. */
  readonly ms: number;
};

/**
 * Runs a classifier: one input, one output [N, classes]. A model that takes a fixed number of pictures is run as often as it takes.
 * Throws `input` for a model of another shape.
 */
export async function scoresOf(session: Session, input: Tensor): Promise<Scores> {
  const [first, ...more] = session.inputs;
  const [output] = session.outputs;
  if (!first || !output || more.length > 0) {
    throw new ResedgeError(
      'input',
      `expected a model with one input and one output, found ${session.inputs.length} inputs`,
    );
  }
  const [batch] = first.dims;
  const [pictures = 1] = input.dims;
  if (typeof batch !== 'number' || batch === pictures || first.dims.length !== input.dims.length) {
    return await runOnce(session, first.name, output.name, input);
  }
  const parts: Scores[] = [];
  for (const part of ofFixedBatch(input, batch)) parts.push(await runOnce(session, first.name, output.name, part));
  const classes = parts[0]?.classes ?? 0;
  const data = new Float32Array(parts.length * batch * classes);
  for (const [i, part] of parts.entries()) data.set(part.data, i * batch * classes);
  return { data: data.subarray(0, pictures * classes), classes, ms: parts.reduce((sum, { ms }) => sum + ms, 0) };
}

async function runOnce(session: Session, inputName: string, outputName: string, input: Tensor): Promise<Scores> {
  const { outputs, ms } = await session.run({ [inputName]: input }, [outputName]);
  const scores = outputs[outputName];
  if (scores?.dtype !== 'float32' || scores.dims.length !== 2) {
    throw new ResedgeError(
      'input',
      `expected float32 [N, classes] from ${outputName}, received ${scores?.dtype} [${scores?.dims}]`,
    );
  }
  return { data: scores.data, classes: scores.dims[1] ?? 0, ms };
}
