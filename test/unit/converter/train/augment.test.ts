import { describe, expect, test } from 'vitest';
import { type Augmentation, drawShift, planEdits, RESIZED_CROP } from '../../../../converter/train/augment.ts';
import { applyEdits, type Picture } from '../../../../converter/train/edit.ts';
import { shuffled, streamAt } from '../../../../converter/train/stream.ts';

const NOTHING = [124, 116, 104];

/** Pixels whose red is their number in reading order. */
function numbered(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set([i, 100, 200], i * 3);
  return { width, height, data };
}

const reds = ({ data }: Picture): readonly number[] => [...data].filter((_, i) => i % 3 === 0);
const ALL: Augmentation = {
  ...{ resizedCrop: RESIZED_CROP, shift: 4, flip: true, cutout: 8 },
  colour: { brightness: 0.4, contrast: 0.4, saturation: 0.4 },
};

describe('streams', () => {
  test('are the same at the same place and others elsewhere', () => {
    const first = (...place: number[]): number => streamAt(...place)();
    expect(first(0, 1, 2)).toBe(first(0, 1, 2));
    const places = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [0, 1],
      [0, 1, 2, 0],
    ];
    expect(new Set(places.map((place) => first(...place))).size).toBe(places.length);
  });

  test('of neighbouring places are even together', () => {
    const values = Array.from({ length: 4000 }, (_, i) => streamAt(0, i)());
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor(value * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(100);
  });

  test('shuffle without losing any', () => {
    const order = shuffled(100, streamAt(3));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('a plan', () => {
  test('is decided by its stream', () => {
    const plan = (place: number): unknown => planEdits(ALL, { width: 80, height: 60 }, 32, streamAt(place));
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  test('crops inside the picture, in the bounds of area and ratio', () => {
    for (let i = 0; i < 300; i++) {
      const [crop] = planEdits({ resizedCrop: RESIZED_CROP }, { width: 80, height: 60 }, 32, streamAt(i));
      if (crop?.kind !== 'crop') throw new Error('expected a crop');
      const { x, y, width, height } = crop;
      expect(x >= 0 && y >= 0 && x + width <= 80 && y + height <= 60).toBe(true);
      expect(width * height).toBeGreaterThan(0.07 * 80 * 60);
      expect(width / height).toBeGreaterThan(0.7);
      expect(width / height).toBeLessThan(1.4);
    }
  });

  test('takes the square in the centre of a picture that no crop fits', () => {
    const [crop] = planEdits(
      { resizedCrop: { area: [1, 1], ratio: [1, 1] } },
      { width: 90, height: 30 },
      8,
      streamAt(0),
    );
    expect(crop).toEqual({ kind: 'crop', x: 30, y: 0, width: 30, height: 30 });
  });

  test('shifts by every offset up to its bound, and flips every other time', () => {
    const shifts = Array.from({ length: 400 }, (_, i) => drawShift(2, streamAt(i)));
    expect(new Set(shifts.map((edit) => (edit.kind === 'shift' ? edit.x : Number.NaN)))).toEqual(
      new Set([-2, -1, 0, 1, 2]),
    );
    const flips = Array.from({ length: 400 }, (_, i) => planEdits({ flip: true }, numbered(2, 2), 2, streamAt(i)));
    const share = flips.filter(({ length }) => length === 1).length / flips.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
  });
});

describe('edits', () => {
  test('none leave the picture as it is', () => {
    expect(reds(applyEdits(numbered(2, 2), []))).toEqual([0, 1, 2, 3]);
  });

  test('flip, crop and shift move pixels, and show nothing where none were', () => {
    const picture = numbered(3, 2);
    expect(reds(applyEdits(picture, [{ kind: 'flip' }]))).toEqual([2, 1, 0, 5, 4, 3]);
    expect(reds(applyEdits(picture, [{ kind: 'crop', x: 1, y: 0, width: 2, height: 2 }]))).toEqual([1, 2, 4, 5]);
    const shifted = applyEdits(picture, [{ kind: 'shift', x: 1, y: -1 }]);
    expect(reds(shifted)).toEqual([124, 124, 124, 1, 2, 124]);
    expect([...shifted.data.subarray(0, 3)]).toEqual(NOTHING);
    expect(reds(applyEdits(picture, [{ kind: 'shift', x: 9, y: 9 }]))).toEqual(new Array(6).fill(124));
    expect(reds(picture)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('cover a square as far as it lies in the picture', () => {
    expect(reds(applyEdits(numbered(3, 3), [{ kind: 'cover', x: 1, y: -1, size: 2 }]))).toEqual([
      ...[0, 124, 124],
      ...[3, 4, 5],
      ...[6, 7, 8],
    ]);
  });

  test('colour keeps grey pictures grey, and clips', () => {
    const grey = { width: 2, height: 1, data: Uint8Array.of(100, 100, 100, 200, 200, 200) };
    const edit = { kind: 'colour', brightness: 1, contrast: 1, saturation: 1 } as const;
    expect([...applyEdits(grey, [edit]).data]).toEqual([...grey.data]);
    expect([...applyEdits(grey, [{ ...edit, saturation: 0.2 }]).data]).toEqual([...grey.data]);
    expect([...applyEdits(grey, [{ ...edit, brightness: 1.5 }]).data]).toEqual([150, 150, 150, 255, 255, 255]);
    expect([...applyEdits(grey, [{ ...edit, contrast: 0.5 }]).data]).toEqual([125, 125, 125, 175, 175, 175]);
    const red = { width: 1, height: 1, data: Uint8Array.of(200, 0, 0) };
    expect([...applyEdits(red, [{ ...edit, saturation: 0 }]).data]).toEqual([60, 60, 60]);
  });

  test('resize by what they are given', () => {
    const resized = applyEdits(numbered(4, 4), [{ kind: 'resize', size: 2 }], (_, size) => numbered(size, size));
    expect(resized).toMatchObject({ width: 2, height: 2 });
  });
});
