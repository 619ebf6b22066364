/** Between a number and its unit. */
const GAP = '\u00a0';
const MINUS = '\u2212';

function signedText(text: string): string {
  return text.replace(/^-/, MINUS);
}

export function decibel(value: number): string {
  return `${signedText(value.toFixed(1))}${GAP}dB`;
}

export function fixed(value: number, digits: number): string {
  return signedText(value.toFixed(digits));
}

/** With a sign, for differences. */
export function change(value: number, unit: string): string {
  const text = Math.abs(value).toFixed(1);
  const sign = Number(text) === 0 ? '\u00b1' : value < 0 ? MINUS : '+';
  return `${sign}${text}${GAP}${unit}`;
}

/** A share in [0, 1]; small ones keep their first digits, and only an exact one reads 0 or 100. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${100 * share}${GAP}%`;
  const value = 100 * share;
  if (value < 0.001) return `<${GAP}0.001${GAP}%`;
  const digits = value < 0.01 ? 3 : value < 1 ? 2 : 1;
  const text = value.toFixed(digits);
  return `${text === '100.0' ? '99.9' : text}${GAP}%`;
}

/** Bytes in units of 2^20 or 2^10. */
export function byteSize(bytes: number): string {
  return bytes >= 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)}${GAP}MB` : `${(bytes / 2 ** 10).toFixed(0)}${GAP}kB`;
}

/** How many times the one holds the other. */
export function times(value: number): string {
  return `${value.toFixed(2)}\u00d7`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)}${GAP}ms`;
}

/** Four significant digits, without the zeros that say nothing. */
export function number(value: number): string {
  const text = value.toPrecision(4);
  if (!text.includes('e')) return signedText(text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  const [digits = '', exponent = ''] = text.split('e');
  return signedText(`${digits.replace(/\.?0+$/, '')}e${exponent.replace('+', '').replace('-', MINUS)}`);
}

/** `1,234,567` whatever the language of the machine. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)}${GAP}${noun}${count === 1 ? '' : 's'}`;
}
