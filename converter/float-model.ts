import { batchSize } from './batch.ts';
import { type EncodeOptions, encodeGraph, type Producer } from './exchange/encode-graph.ts';
import type { Dim, Graph } from './graph/graph.ts';
import { type Facts, verify } from './graph/verify.ts';
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
  /** A session that hands out a summary of every large value and the others as they are: not enough for covariances. */
  readonly summaries: () => Promise<Shown>;
  /** A session that shows every value: as it is where all fit one session, else as `summaries` does. */
  readonly all: () => Promise<Shown>;
  /** The session of a group; stays open until another is asked for. */
  readonly session: (group: number) => Promise<RunningModel>;
  /** Whatever session is open, or the first group's: all of them give the outputs. */
  readonly current: () => Promise<RunningModel>;
  /** Frees the session that is open; the next one asked for opens again. */
  readonly close: () => Promise<void>;
};

/** A session and the values that it hands out: whole, or a summary of them. */
export type Shown = {
  readonly session: RunningModel;
  readonly whole: readonly string[];
  readonly summarised: readonly string[];
};

export function floatModel(
  graph: Graph,
  values: readonly string[],
  inputSize: number,
  producer: Producer,
  run: ModelRunner,
): FloatModel {
  const facts = verify(graph, 'float model');
  const groups = groupValues(facts, values, batchSize(inputSize));
  let open: { readonly group: number | 'summaries'; readonly session: RunningModel } | undefined;
  const close = async (): Promise<void> => {
    const closing = open?.session;
    open = undefined;
    await closing?.close();
  };
  const reopen = async (group: number | 'summaries', what: Omit<EncodeOptions, 'producer'>): Promise<RunningModel> => {
    if (open?.group === group) return open.session;
    await close();
    const session = await run(encodeGraph(graph, { producer, ...what }), { optimize: true });
    open = { group, session };
    return session;
  };
  const session = (group: number): Promise<RunningModel> => reopen(group, { observe: groups[group] ?? [] });
  const summaries = async (): Promise<Shown> => {
    const summarised = values.filter((name) => isLarge(facts.get(name)?.dims ?? []));
    const whole = values.filter((name) => !summarised.includes(name));
    return { session: await reopen('summaries', { observe: whole, summarise: summarised }), whole, summarised };
  };
  return {
    graph,
    groups,
    close,
    session,
    summaries,
    current: async () => open?.session ?? (await session(0)),
    all: async () =>
      groups.length === 1 && open?.group !== 'summaries'
        ? { session: await session(0), whole: values, summarised: [] }
        : await summaries(),
  };
}

/** Sides from which on a quarter of a picture's values says as much as all of them. */
const LARGE_SIDE = 14;

function isLarge([, , height, width]: readonly Dim[]): boolean {
  return Number(height) >= LARGE_SIDE && Number(width) >= LARGE_SIDE;
}

/** Consecutive values that together stay below FETCHED_BYTES; one empty group where there are none. */
function groupValues(facts: Facts, values: readonly string[], batch: number): readonly (readonly string[])[] {
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
