import { batchSize } from './batch.ts';
import { encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { Graph } from './graph/graph.ts';
import { verify } from './graph/verify.ts';
import type { ModelRunner, RunningModel } from './runner.ts';

/** Bytes of values that one session hands out for a batch, at most, unless one value has more. */
const FETCHED_BYTES = 48 * 2 ** 20;

/**
 * The float graph, ready to be looked into. A runtime keeps every value that may be fetched until the run ends, and those of a deep
 * network are larger than its weights: so they are spread over sessions, of which one is open at a time.
 */
export type FloatModel = {
  readonly graph: Graph;
  /** Values that one session hands out, beside the graph's outputs; in order of execution. */
  readonly groups: readonly (readonly string[])[];
  /** The session of a group; stays open until another is asked for. */
  readonly session: (group: number) => Promise<RunningModel>;
  /** Frees the session that is open; the next one asked for opens again. */
  readonly close: () => Promise<void>;
};

export function floatModel(
  graph: Graph,
  values: readonly string[],
  inputSize: number,
  producer: Producer,
  run: ModelRunner,
): FloatModel {
  const groups = groupValues(graph, values, batchSize(inputSize));
  let open: { readonly group: number; readonly session: RunningModel } | undefined;
  const close = async (): Promise<void> => {
    const closing = open?.session;
    open = undefined;
    await closing?.close();
  };
  return {
    graph,
    groups,
    close,
    session: async (group) => {
      if (open?.group === group) return open.session;
      await close();
      const session = await run(encodeGraph(graph, { producer, observe: groups[group] ?? [] }), { optimize: true });
      open = { group, session };
      return session;
    },
  };
}

/** Consecutive values that together stay below FETCHED_BYTES; one empty group where there are none. */
function groupValues(graph: Graph, values: readonly string[], batch: number): readonly (readonly string[])[] {
  const facts = verify(graph, 'float model');
  const groups: string[][] = [[]];
  let bytes = 0;
  for (const name of values) {
    const dims = facts.get(name)?.dims ?? [];
    const size = dims.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : batch), 4);
    bytes += size;
    if (bytes > FETCHED_BYTES) {
      groups.push([]);
      bytes = size;
    }
    groups.at(-1)?.push(name);
  }
  return groups;
}
