import type { Pixels } from '../../image/pixels.ts';

/**
 * RGB of interleaved 8-bit samples: grey (1 channel, or 2 with alpha) is repeated, alpha is dropped, CMYK becomes
 * `255 - key - ink * (255 - key) / 255`, rounded. Three channels come back without a copy.
 */
export function toRgb(data: Uint8Array, width: number, height: number, channels: number, cmyk = false): Pixels {
  if (channels === 3) return { width, height, data };
  const rgb = new Uint8Array(width * height * 3);
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    const light = cmyk ? 255 - data[from + 3]! : 0;
    rgb[to] = cmyk ? ink(data[from]!, light) : data[from]!;
    rgb[to + 1] = cmyk ? ink(data[from + 1]!, light) : data[from + green]!;
    rgb[to + 2] = cmyk ? ink(data[from + 2]!, light) : data[from + blue]!;
  }
  return { width, height, data: rgb };
}

function ink(amount: number, light: number): number {
  return light - Math.round((amount * light) / 255);
}
