/** Size and kind of a picture as its header says, before orientation. */
export type Header = {
  readonly width: number;
  readonly height: number;
  /** Cyan, magenta, yellow and key instead of red, green and blue. */
  readonly cmyk: boolean;
  readonly alpha: boolean;
};

/** Reads the header of a JPEG without metadata blocks that may turn the picture. Undefined for everything else. */
export function sniffJpeg(bytes: Uint8Array): Header | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const height = (bytes[at + 5]! << 8) | bytes[at + 6]!;
      const width = (bytes[at + 7]! << 8) | bytes[at + 8]!;
      const usable = width > 0 && height > 0;
      return usable ? { width, height, cmyk: bytes[at + 9] === 4, alpha: false } : undefined;
    }
    const isExif = marker === 0xe1;
    const hasLength = marker >= 0xc0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xda);
    if (isExif || !hasLength) return undefined;
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return undefined;
}
