import { describe, expect, test } from 'vitest';
import { byteSize, change, number, percent } from '../../../../converter/report/format.ts';
import { shareInterval } from '../../../../converter/report/interval.ts';
import { stagesOf } from '../../../../converter/report/plot.ts';
import { countOutside, rebin } from '../../../../converter/report/rebin.ts';
import { spreadOf } from '../../../../converter/report/spread.ts';
import { STYLE } from '../../../../converter/report/style.ts';

describe('figures', () => {
  test('shares read 0 or 100 only where they are', () => {
    expect([0, 1, 0.9999, 0.984, 0.0042, 0.00004, 1e-7].map(percent)).toEqual(
      ['0 %', '100 %', '99.9 %', '98.4 %', '0.42 %', '0.004 %', '< 0.001 %'].map((text) =>
        text.replaceAll(' ', '\u00a0'),
      ),
    );
  });

  test('changes carry their sign', () => {
    expect([1.23, -0.55, -0.01].map((value) => change(value, 'dB'))).toEqual([
      '+1.2\u00a0dB',
      '\u22120.6\u00a0dB',
      '\u00b10.0\u00a0dB',
    ]);
  });

  test('numbers keep four digits and no idle zeros', () => {
    expect([0, 12, 9.5, -4.4351, 0.02977, 1.5e-9, 1200].map(number)).toEqual([
      '0',
      '12',
      '9.5',
      '\u22124.435',
      '0.02977',
      '1.5e\u22129',
      '1200',
    ]);
    expect(byteSize(313_746)).toBe('306\u00a0kB');
  });
});

// Roots of (share - p)^2 = z^2 p (1 - p) / count, found by bisection.
test.each([
  [15, 16, 0.71671, 0.98888],
  [64, 64, 0.94337, 1],
  [0, 10, 0, 0.27753],
])('%i of %i agreeing tells of a share from %f to %f', (agreeing, count, low, high) => {
  const interval = shareInterval(agreeing / count, count);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

describe('histograms', () => {
  const seen = { width: 0.5, zeros: 3, first: -2, counts: [1, 2, 4, 8, 16] };

  test('are counted again in fewer bins, nothing lost', () => {
    expect(rebin(seen, [-1, 1.5], 5)).toEqual([1, 2, 4, 8, 16]);
    expect(rebin(seen, [-1, 3], 2)).toEqual([15, 16]);
    expect(rebin(seen, [-1, 1], 1)).toEqual([31]);
  });

  test('tell how much lies beyond a range', () => {
    expect(countOutside(seen, [-0.5, 1])).toBe(17);
    expect(countOutside(seen, [-9, 9])).toBe(0);
  });
});

test('values are grouped by stage, with a stem and a head', () => {
  expect(stagesOf(['relu', 'layer1.0.conv1', 'layer1.0.relu', 'layer2.0.relu', 'avgpool', 'fc'])).toEqual([
    { name: 'stem', start: 0 },
    { name: 'layer1', start: 1 },
    { name: 'layer2', start: 3 },
    { name: 'head', start: 4 },
  ]);
  expect(stagesOf(['a', 'b'])).toEqual([{ name: '', start: 0 }]);
});

describe('channels', () => {
  const plan = { dims: [3, 2], bits: 8, bias: undefined, limited: 1, scales: Float32Array.of(0.5, 1, 0.25) } as const;

  test('spread by their largest stored weight; those of zeros alone do not count', () => {
    const { quartiles, channels } = spreadOf('fc', { ...plan, data: Int8Array.of(2, -4, 0, 0, 1, 127) });
    expect(channels).toBe(3);
    expect([quartiles?.[0], quartiles?.[4]]).toEqual([2, 31.75]);
  });

  test('have no spread where all are zero', () => {
    expect(spreadOf('fc', { ...plan, data: new Int8Array(6) }).quartiles).toBeUndefined();
  });
});

describe('contrast is 4.5 or more', () => {
  const schemes = STYLE.split('@media (prefers-color-scheme: dark)');
  const pairs = [
    ...['text', 'quiet', 'strong', 'warmtext'].flatMap((ink) => [`${ink} ground`, `${ink} panel`]),
    ...['good', 'text'].map((ink) => `${ink} goodground`),
    ...['warmtext', 'text'].map((ink) => `${ink} doubtground`),
    ...['bad', 'text'].map((ink) => `${ink} badground`),
  ];
  test.each(pairs)('%s', (pair) => {
    const [ink = '', ground = ''] = pair.split(' ');
    for (const scheme of schemes) {
      const [a, b] = [luminance(scheme, ink), luminance(scheme, ground)];
      expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** Relative luminance of a colour of the page (WCAG 2.2). */
function luminance(style: string, name: string): number {
  const hex = new RegExp(`--${name}: #(\\w{6})`).exec(style)?.[1] ?? '';
  const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
