import type { Frame, FrameSource } from '../types.ts';

/** A source that hands out the frames for which `wanted` says so, and passes over the others. */
export function gateSource(source: FrameSource, wanted: (frame: Frame) => boolean): FrameSource {
  return {
    ...source,
    next: async () => {
      for (;;) {
        const frame = await source.next();
        if (frame === undefined || wanted(frame)) return frame;
      }
    },
    // A newer frame may turn out unwanted: nobody should give up an older one for it.
    hasNewer: () => false,
  };
}
