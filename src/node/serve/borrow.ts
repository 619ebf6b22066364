import type { Frame, FrameSource } from '../../pipeline/types.ts';

/** A source that ends with the signal while the one behind it stays open, even where that gives no frame. */
export function borrow(
  source: FrameSource,
  signal: AbortSignal,
): { readonly frames: FrameSource; readonly close: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  signal.addEventListener('abort', end, { once: true });
  return {
    frames: {
      ...source,
      next: (): Promise<Frame | undefined> => Promise.race([source.next(), ended]),
      close: async () => end(),
    },
    close: () => {
      end();
      signal.removeEventListener('abort', end);
    },
  };
}
