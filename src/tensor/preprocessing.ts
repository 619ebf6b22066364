/** How pictures are resized: the triangle filter, or the cubic one of Keys with a = -0.5, both widened when reducing. */
export const INTERPOLATIONS = ['bilinear', 'bicubic'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

/**
 * What a model expects of a picture. Geometry: the shorter side is resized to `resize`, then a centred square of `inputSize` is
 * cut out. Values (float input only; a raw input carries them inside the graph): `(pixel / scale - mean) / std`, per channel in
 * the model's channel order.
 */
export type Preprocessing = {
  readonly input: 'raw' | 'float';
  readonly layout: 'nhwc' | 'nchw';
  readonly channels: 'rgb' | 'bgr';
  readonly inputSize: number;
  readonly resize: number;
  readonly interpolation: Interpolation;
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
};
