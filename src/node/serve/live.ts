import { isResedgeError } from '../../errors.ts';
import { keepFrames } from '../../pipeline/answers/keep-frames.ts';
import type { FrameSource } from '../../pipeline/types.ts';
import { oneLine } from '../../runtime/explain.ts';
import { queue } from '../../runtime/queue.ts';
import type { LiveChoice, LiveState, LiveUpdate } from '../../runtime/served.ts';
import { classifyStream } from '../camera/classify-stream.ts';
import type { OpenedModel } from '../model/open-model.ts';
import { framesBeside } from './beside.ts';
import { borrow } from './borrow.ts';
import { type ModelPool, TOP } from './models.ts';
import { type Telling, teller } from './tell.ts';

/** Somebody who looks. */
export type Viewer = {
  /** False while what was sent before is still on its way: then this one is passed over. */
  readonly ready: () => boolean;
  readonly update: (update: LiveUpdate) => void;
  readonly state: (state: LiveState) => void;
};

/** The camera of a server. Nothing is inferred while nobody looks. */
export type Live = {
  readonly state: () => LiveState;
  /** Runs other models from now on. */
  readonly choose: (choice: LiveChoice) => void;
  /** Returns what ends the viewing. */
  readonly join: (viewer: Viewer) => () => void;
  readonly viewers: () => number;
  readonly source: Pick<FrameSource, 'counts'>;
  readonly close: () => Promise<void>;
};

export type LiveParts = {
  readonly source: FrameSource;
  readonly pool: ModelPool;
  readonly first: LiveChoice;
  readonly note: (line: string) => void;
  /** Told of every answer. */
  readonly answered: (model: string, ms: number) => void;
};

/** Frames between being handed out and being answered, and one to spare. */
const FRAMES_IN_FLIGHT = 3;

export function openLive({ source, pool, first, note, answered }: LiveParts): Live {
  const viewers = new Set<Viewer>();
  const inTurn = queue();
  let state: LiveState = { status: 'opening', message: '', choice: first, provider: null };
  let running: AbortController | undefined;

  const change = (next: Partial<LiveState>): void => {
    state = { ...state, ...next };
    for (const viewer of viewers) viewer.state(state);
  };
  const watch = async (
    choice: LiveChoice,
    model: OpenedModel,
    second: OpenedModel | undefined,
    signal: AbortSignal,
  ) => {
    const { frames, close } = borrow(source, signal);
    const kept = keepFrames(frames, FRAMES_IN_FLIGHT);
    const beside = second && framesBeside(second);
    const tell: Telling = teller({ model, viewers: () => [...viewers].filter(({ ready }) => ready()) });
    change({ status: 'watching', provider: model.choice.provider, message: '' });
    try {
      for await (const answer of classifyStream(kept.source, model, { top: TOP, signal })) {
        answered(choice.model, answer.ms.total);
        const frame = kept.find(answer.frame);
        if (frame !== undefined) tell(answer, frame, beside?.(answer, frame) ?? null);
      }
    } finally {
      close();
    }
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    const { choice } = state;
    const { model, provider, compare } = choice;
    if (signal.aborted) return;
    change({ status: 'opening', message: '', provider: null });
    try {
      await pool.use({ model, provider }, async (opened) => {
        if (compare === null) return await watch(choice, opened, undefined, signal);
        return await pool.use({ model: compare, provider: 'auto' }, (second) => watch(choice, opened, second, signal));
      });
      if (!signal.aborted) change({ status: 'ended', message: 'The camera has ended.' });
    } catch (error) {
      const message = isResedgeError(error) ? error.message : oneLine(error);
      note(message);
      change({ status: 'failed', message });
    }
  };
  const begin = (): void => {
    const controller = new AbortController();
    running = controller;
    void inTurn(() => run(controller.signal));
  };
  const pause = (): void => {
    running?.abort();
    running = undefined;
  };
  return {
    state: () => state,
    choose: (choice) => {
      pause();
      change({ choice });
      if (viewers.size > 0) begin();
    },
    join: (viewer) => {
      viewers.add(viewer);
      viewer.state(state);
      if (running === undefined) begin();
      return () => {
        viewers.delete(viewer);
        if (viewers.size === 0) pause();
      };
    },
    viewers: () => viewers.size,
    source,
    close: async () => {
      pause();
      await source.close();
      await inTurn(async () => undefined);
    },
  };
}
