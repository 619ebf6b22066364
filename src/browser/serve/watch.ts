import type { LiveState, LiveUpdate } from '../../runtime/served.ts';

/** Told what the server says of its camera; `lost` while the connection is away. */
export type Watching = {
  readonly state: (state: LiveState) => void;
  readonly update: (update: LiveUpdate) => void;
  readonly lost: (forGood: boolean) => void;
};

/** Watches the server's camera; returns what ends that. */
export function watch({ state, update, lost }: Watching): () => void {
  const source = new EventSource('v1/live');
  source.addEventListener('state', ({ data }) => state(JSON.parse(data)));
  source.addEventListener('answer', ({ data }) => update(JSON.parse(data)));
  source.addEventListener('error', () => lost(source.readyState === EventSource.CLOSED));
  return () => source.close();
}
