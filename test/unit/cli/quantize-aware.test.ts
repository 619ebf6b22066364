import { describe, expect, test } from 'vitest';
import { expectTuning } from '../../../src/cli/finetune.ts';
import { learningOf } from '../../../src/cli/quantize-aware.ts';

const none = (): boolean => false;

describe('convert --quantize-aware', () => {
  const flags = { quantizeAware: 'in', seed: 7, input: 'raw' } as const;

  test('goes by its own recipe but for what is stated', async () => {
    const found = await learningOf({ ...flags, epochs: 5, lr: 0.01 }, 'int8');
    expect(found).toMatchObject({ folder: 'in', recipe: { epochs: 5, schedule: { peak: 0.01 }, seed: 7 } });
    expect(await learningOf(flags, 'int8')).toMatchObject({ recipe: { epochs: 2, schedule: { peak: 0.002 } } });
    expect(await learningOf({ seed: 7, input: 'float' }, 'fp16')).toBeUndefined();
  });

  test.each([
    [{ maxDrop: 1 }, 'int8', /^--quantize-aware keeps no layers in higher precision: leave out --max-drop, /],
    [{ minSqnr: 30 }, 'int8', /leave out --min-sqnr, /],
    [{ minAgreement: 0.9 }, 'int8', /leave out --min-agreement, /],
    [{ input: 'float' }, 'int8', /^--quantize-aware learns from the bytes of pictures: leave out --input float$/],
    [{}, 'fp16', /^--quantize-aware learns the roundings of INT8: leave it out with --precision fp16$/],
    [{}, 'fp32', /leave it out with --precision fp32$/],
    [{ quantizeAware: undefined, epochs: 3 }, 'int8', /^--epochs belongs to --quantize-aware <folder>$/],
    [{ quantizeAware: undefined, lr: 3 }, 'int8', /^--lr belongs to --quantize-aware <folder>$/],
  ] as const)('%j with %s is refused', async (more, precision, says) => {
    const { quantizeAware, ...rest } = { ...flags, ...more };
    const given = { ...rest, ...(quantizeAware === undefined ? {} : { quantizeAware }) };
    await expect(learningOf(given, precision)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(says),
    });
  });
});

describe('learn --tune', () => {
  const flags = { tune: 'none', epochs: 1, batch: 1, lr: 1, weightDecay: 1, patience: 1 } as const;

  test.each([
    [{ memory: 500 }, /^--memory belongs to --tune last-stage or --tune all$/],
    [{ scheme: 'u8s4' }, /^--scheme belongs to --tune/],
    [{ quantizeAware: true }, /^--quantize-aware belongs to --tune/],
    [{ tune: 'all', add: 'cup' }, /^--add learns a head alone: leave out --tune$/],
  ] as const)('%j is refused', (more, says) => {
    expect(() => expectTuning(flags, none)).not.toThrow();
    expect(() => expectTuning({ ...flags, ...more }, none)).toThrow(says);
  });
});
