import type { Graph } from '../../../converter/graph/graph.ts';
import { openSteps } from './step-session.ts';
import { trainEpoch } from './train-epoch.ts';
import type { GraphTraining, TrainingEnd, TrainingState } from './types.ts';

/** Copies of the constants that a training changes: what is trainable and, where norms are live, their running statistics. */
export function initialState(
  { constants, nodes }: Graph,
  { trainable, norms }: Pick<GraphTraining, 'trainable' | 'norms'>,
): TrainingState {
  const running = nodes.flatMap(({ op, inputs }) => (op.kind === 'BatchNormalization' ? inputs.slice(3) : []));
  const weights = new Map<string, Float32Array>();
  for (const name of [...trainable, ...(norms === 'live' ? running : [])]) {
    const constant = constants.get(name);
    if (constant?.dtype === 'float32') weights.set(name, Float32Array.from(constant.read()));
  }
  return { weights, momentum: new Map(), records: [] };
}

/**
 * Trains constants of a graph from `state` on to the last epoch. Batches are prepared while the graph runs in its worker. The same
 * arguments lead to the same bytes, whether in one go or on from the state after any whole epoch.
 */
export async function trainGraph(training: GraphTraining): Promise<TrainingEnd> {
  const { graph, trainable, norms, source, microBatch = source.batch, threads = 0, state } = training;
  if (state.records.length >= training.epochs) return { kind: 'done', records: state.records };
  const session = await openSteps(graph, { batch: microBatch, trainable, norms }, threads);
  try {
    let { records } = state;
    while (records.length < training.epochs) {
      const end = await trainEpoch(training, session, records.length);
      if (end.kind !== 'done') return { ...end, records };
      const kept = await training.onEpoch?.(end.record, { ...state, records });
      records = [...records, kept ?? end.record];
    }
    return { kind: 'done', records };
  } finally {
    await session.close();
  }
}
