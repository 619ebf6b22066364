import type { RawPicture } from '../../image/frame.ts';
import type { FrameSource } from '../types.ts';

export type KeptFrames = {
  readonly source: FrameSource;
  /** A frame of that index, if it is one of the last handed out; its memory holds until the source is asked again. */
  readonly find: (index: number) => RawPicture | undefined;
};

/** Keeps copies of the last `count` frames that a source hands out, in the same memory as long as their size stays. */
export function keepFrames(source: FrameSource, count: number): KeptFrames {
  const kept: { readonly index: number; readonly picture: RawPicture }[] = [];
  return {
    source: {
      ...source,
      next: async () => {
        const frame = await source.next();
        if (frame === undefined) return undefined;
        const { index, arrivedMs: _, ...picture } = frame;
        const oldest = kept.length === count ? kept.shift()?.picture.data : undefined;
        const data = oldest?.length === picture.data.length ? oldest : new Uint8Array(picture.data.length);
        data.set(picture.data);
        kept.push({ index, picture: { ...picture, data } });
        return frame;
      },
    },
    find: (index) => kept.find((frame) => frame.index === index)?.picture,
  };
}
