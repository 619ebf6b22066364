import { expect, test } from 'vitest';
import { unusedOptions, type Wanted } from '../../../src/cli/unused.ts';

const all = (): boolean => true;
const by = (wanted: Partial<Wanted>): string =>
  unusedOptions({ precision: 'int8', corrections: 'auto', ...wanted }, all).join('\n');

test('options that nobody stated are not named', () => {
  expect(unusedOptions({ precision: 'fp32', corrections: 'auto' }, () => false)).toEqual([]);
});

test('float files take no part in quantization', () => {
  expect(by({ precision: 'fp32' })).toMatch(/--samples is not used by --precision fp32\n.*--min-sqnr is not used by/s);
  expect(by({ precision: 'fp16' })).toMatch(/^--samples is not used by --precision fp16\n.*--max-drop is not used by/s);
  expect(by({ precision: 'fp16', calibrate: 'pictures' })).not.toContain('--samples');
  for (const calibrate of ['none', 'table.json']) {
    expect(by({ precision: 'fp16', calibrate })).toMatch(/^--calibrate is not used by --precision fp16\n/);
  }
  expect(by({ precision: 'fp32', handed: true })).not.toMatch(/--(calibrate|samples|seed)/);
});

test('INT8 without pictures draws no sample and learns no rounding', () => {
  expect(by({ calibrate: 'pictures', corrections: ['rounding'] })).toBe('');
  const unused = '--samples is not used by --calibrate none\n--seed is not used by --calibrate none';
  expect(by({ calibrate: 'none', corrections: ['rounding'] })).toBe(
    `${unused}\n--corrections: rounding is left out, it learns from pictures and --calibrate none has none`,
  );
  expect(by({ calibrate: 'table.json', validate: 'pictures' })).toBe('--seed is not used by a calibration table');
  expect(by({ calibrate: 'table.json', quantizeAware: 'in' })).toBe('--samples is not used by a calibration table');
});
