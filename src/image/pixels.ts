/** Interleaved 8-bit RGB, row by row without padding: `data.length === width * height * 3`. */
export type Pixels = {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
};
