import type { Frame, FrameSource } from '../../pipeline/types.ts';

/** A source that ends with the signal while the one behind it stays open, even where that gives no frame. */
export function borrow(
  source: FrameSource,
  signal: AbortSignal,
): { readonly frames: FrameSource; readonly close: () => void } {
  let over = signal.aborted;
  let wake = (): void => undefined;
  const end = (): void => {
    over = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  // Racing each frame with one promise of the end would keep every frame until then.
  const next = (): Promise<Frame | undefined> =>
    new Promise((resolve, reject) => {
      if (over) return resolve(undefined);
      wake = () => resolve(undefined);
      source.next().then(resolve, reject);
    });
  return {
    frames: { ...source, next, close: async () => end() },
    close: () => {
      end();
      signal.removeEventListener('abort', end);
    },
  };
}
