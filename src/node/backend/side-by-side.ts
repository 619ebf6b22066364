import type { Backend, RunResult, Session } from '../../runtime/types.ts';

/**
 * A backend that opens a model for the CPU in `count` sessions of one thread each, to whoever asks one session: it runs so many
 * inferences at a time. Those after the first open while that one already works; if one does not open, the notice says so.
 */
export function inSessions(backend: Backend, count: number): Backend {
  const open: Backend['open'] = async (model, options) => {
    if (count === 1 || options.provider !== 'cpu') return await backend.open(model, options);
    const single = { ...options, threads: 1, spinning: false };
    const first = await backend.open(model, single);
    const others = Array.from({ length: count - 1 }, () => backend.open(model, single));
    return sideBySide(first, others, (error) => {
      const reason = error instanceof Error ? error.message : String(error);
      options.onNotice?.(`one picture less is inferred at a time: ${reason}`);
    });
  };
  return { ...backend, open };
}

/**
 * Sessions of one model as one: a run goes to one that is idle, or waits for the next that is. Those that still open join when they
 * are ready; the error of one that does not is told to `onLost`. `close` waits for every run.
 */
export function sideBySide(
  first: Session,
  opening: readonly Promise<Session>[],
  onLost: (error: unknown) => void,
): Session {
  const idle: Session[] = [first];
  const waiting: ((session: Session) => void)[] = [];
  const due = new Set<Promise<RunResult>>();

  const hand = (session: Session): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(session);
    else next(session);
  };
  const others = opening.map(async (one) => {
    try {
      const session = await one;
      hand(session);
      return session;
    } catch (error) {
      return onLost(error);
    }
  });
  const turn: Session['run'] = async (feeds, outputs) => {
    const session = idle.pop() ?? (await new Promise<Session>((resolve) => waiting.push(resolve)));
    try {
      return await session.run(feeds, outputs);
    } finally {
      hand(session);
    }
  };
  const run: Session['run'] = async (feeds, outputs) => {
    const answer = turn(feeds, outputs);
    due.add(answer);
    try {
      return await answer;
    } finally {
      due.delete(answer);
    }
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(due);
    const sessions = [first, ...(await Promise.all(others))];
    await Promise.all(sessions.map((session) => session?.close()));
  };
  return { ...first, run, close };
}
