import { setImmediate } from 'node:timers/promises';
import { followStatistics } from '../../../converter/train/follow-statistics.ts';
import type { EpochRecord } from '../../../converter/train/recipe.ts';
import { learningRate } from '../../../converter/train/schedule.ts';
import { decaysByShape, sgdStep } from '../../../converter/train/sgd.ts';
import { allFinite } from '../../../converter/train/tensors.ts';
import { indexOfLargest } from '../../tensor/fidelity.ts';
import type { StepSession } from './step-session.ts';
import type { Batch, GraphTraining, TrainingEnd } from './types.ts';

type Ended<K extends TrainingEnd['kind']> = Omit<Extract<TrainingEnd, { readonly kind: K }>, 'records'>;

export type EpochEnd = { readonly kind: 'done'; readonly record: EpochRecord } | Ended<'stopped'> | Ended<'diverged'>;

/** Learns from every batch of one epoch, counted from 0, in place on the training's state. */
export async function trainEpoch(training: GraphTraining, session: StepSession, epoch: number): Promise<EpochEnd> {
  const { graph, source, state, schedule, epochs, signal, onStep } = training;
  const sgd = { decays: (name: string) => decaysByShape(graph.constants.get(name)?.dims ?? []), ...training.sgd };
  const { steps } = source;
  const at = { epoch: epoch + 1 };
  let [loss, right, rate] = [0, 0, 0];
  let next = source.take(epoch, 0);
  for (let step = 0; step < steps; step++) {
    const batch = await next;
    if (signal?.aborted) return { kind: 'stopped', ...at, step: step + 1 };
    rate = learningRate(schedule, epoch * steps + step, epochs * steps);
    const computing = computeStep(training, session, batch);
    if (step + 1 < steps) next = whileRunning(() => source.take(epoch, step + 1));
    const computed = await computing;
    loss += computed.loss;
    right += computed.right;
    if (!Number.isFinite(loss)) return { kind: 'diverged', ...at, step: step + 1, learningRate: rate };
    sgdStep(state.weights, computed.gradients, state.momentum, { ...sgd, learningRate: rate });
    const pictures = (step + 1) * source.batch;
    onStep?.({
      ...{ ...at, step: step + 1, steps, pictures },
      ...{ loss: loss / (step + 1), accuracy: right / pictures, learningRate: rate },
    });
  }
  if (!allFinite(state.weights)) return { kind: 'diverged', ...at, step: steps, learningRate: rate };
  const pictures = steps * source.batch;
  return { kind: 'done', record: { ...at, loss: loss / steps, accuracy: right / pictures, learningRate: rate } };
}

/** Begins once the run that was just asked for is on its way to the worker. What fails rejects when it is awaited. */
function whileRunning<T>(prepare: () => Promise<T>): Promise<T> {
  const prepared = setImmediate().then(prepare);
  prepared.catch(() => undefined);
  return prepared;
}

type Computed = {
  readonly loss: number;
  readonly right: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
};

/** The gradients of a batch, which runs in as many parts as the memory asks for. */
async function computeStep(
  { source, microBatch = source.batch, state }: GraphTraining,
  session: StepSession,
  { input, targets, labels }: Batch,
): Promise<Computed> {
  const parts = source.batch / microBatch;
  const part = (data: Float32Array, i: number): Float32Array =>
    data.subarray((data.length / parts) * i, (data.length / parts) * (i + 1));
  let gradients: ReadonlyMap<string, Float32Array> = new Map();
  let [loss, right] = [0, 0];
  for (let i = 0; i < parts; i++) {
    const outputs = await session.run(state.weights, part(input, i), part(targets, i));
    loss += outputs.loss;
    right += rightAnswers(outputs.logits, labels, i * microBatch, microBatch);
    gradients = i === 0 ? outputs.gradients : summed(gradients, outputs.gradients);
    followStatistics(state.weights, outputs.output, session.statistics);
  }
  return { loss, right, gradients };
}

function summed(
  sums: ReadonlyMap<string, Float32Array>,
  more: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  for (const [name, sum] of sums) {
    const values = more.get(name);
    for (let i = 0; values && i < sum.length; i++) sum[i]! += values[i]!;
  }
  return sums;
}

/** How many of `count` rows of logits, the first being the answer to label `from`, are largest at their label. */
export function rightAnswers(logits: Float32Array, labels: ArrayLike<number>, from: number, count: number): number {
  const classes = logits.length / count;
  let right = 0;
  for (let row = 0; row < count; row++) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    if (indexOfLargest(own) === labels[from + row]) right++;
  }
  return right;
}
