import { ResedgeError } from '../../errors.ts';

export type Sharp = typeof import('sharp').default;

let loading: Promise<Sharp> | undefined;

/** The picture decoder, imported on first use (about 120 ms). Throws code `unavailable` where it is not installed. */
export function loadSharp(): Promise<Sharp> {
  loading ??= importSharp();
  return loading;
}

async function importSharp(): Promise<Sharp> {
  try {
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    return sharp;
  } catch (cause) {
    const message =
      'expected the picture decoder sharp, which does not load on this machine: run npm install --include=optional sharp';
    throw new ResedgeError('unavailable', message, { cause });
  }
}
