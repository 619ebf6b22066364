import { weightOf } from './smooth.ts';
import { THUMBNAIL_LENGTH, THUMBNAIL_WIDTH } from './thumbnail.ts';

export type MotionOptions = {
  /** Mean absolute difference, in grey levels of 255, from which on a tile has changed. */
  readonly level: number;
  /** Milliseconds for which a change keeps the gate open: what stops is seen at rest too. */
  readonly lingerMs: number;
  /** Time constant in milliseconds with which a still scene is followed, as daylight changes it. */
  readonly adaptMs: number;
  /** A scene however still counts as moved after so many milliseconds. */
  readonly atMostMs: number;
};

export type MotionGate = {
  /** Whether a thumbnail differs from the last ones that did, so that its frame is worth an inference. */
  readonly moved: (luma: Uint8Array, at: number) => boolean;
};

/** Cells along a side of a tile: what moves in a corner is judged there and not averaged away over the frame. */
const TILE = 8;
const TILES_ACROSS: number = THUMBNAIL_WIDTH / TILE;

/**
 * Compares thumbnails with a reference: the last one that counted as moved, drawn slowly towards those since. The first one counts as
 * moved.
 */
export function motionGate({ level, lingerMs, adaptMs, atMostMs }: MotionOptions): MotionGate {
  const reference = new Float32Array(THUMBNAIL_LENGTH);
  const tiles = new Float32Array(THUMBNAIL_LENGTH / TILE ** 2);
  let last: number | undefined;
  let changedAt = 0;
  let movedAt = 0;
  return {
    moved: (luma, at) => {
      const changed = last === undefined || differs(luma, reference, tiles, level);
      changedAt = changed ? at : Math.min(changedAt, at);
      movedAt = Math.min(movedAt, at);
      const moved = changed || at - changedAt < lingerMs || at - movedAt >= atMostMs;
      if (moved) movedAt = at;
      const weight = moved || last === undefined ? 1 : weightOf(at - last, adaptMs);
      for (let i = 0; i < THUMBNAIL_LENGTH; i++) reference[i]! += weight * (luma[i]! - reference[i]!);
      last = at;
      return moved;
    },
  };
}

/** Whether any tile differs by the level in the mean; `tiles` is room for their sums. */
function differs(luma: Uint8Array, reference: Float32Array, tiles: Float32Array, level: number): boolean {
  tiles.fill(0);
  for (let i = 0; i < THUMBNAIL_LENGTH; i++) {
    const across = Math.trunc((i % THUMBNAIL_WIDTH) / TILE);
    const down = Math.trunc(i / THUMBNAIL_WIDTH / TILE);
    tiles[down * TILES_ACROSS + across]! += Math.abs(luma[i]! - reference[i]!);
  }
  return tiles.some((sum) => sum / TILE ** 2 >= level);
}
