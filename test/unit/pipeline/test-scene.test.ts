import { expect, test } from 'vitest';
import { planesOf } from '../../../src/image/frame.ts';
import { drawTestScene, testSceneShape } from '../../../src/pipeline/test-scene.ts';

test('the scene fills frames of any size, moves, and comes round', () => {
  for (const [width, height] of [
    [64, 48],
    [1, 1],
    [7, 31],
  ] as const) {
    const shape = testSceneShape(width, height);
    const draw = (index: number): Uint8Array => {
      const out = new Uint8Array(planesOf(shape).bytes);
      drawTestScene(out, shape, index);
      return out;
    };
    expect(draw(0).every((value) => value >= 40)).toBe(true);
    expect(draw(0)).toEqual(draw(120));
    if (width > 1) expect(draw(0)).not.toEqual(draw(30));
  }
});
