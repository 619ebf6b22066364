import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type CalibrationSource, openCalibration, type PictureLog } from '../model/calibration.ts';

/** Calibration pictures on their way into a target's folder. */
export type TargetPictures = {
  /** Chosen; fewer where some cannot be read. */
  readonly count: number;
  /** Pixels of one picture after the other, [size, size, 3]. */
  readonly pixels: AsyncIterable<Uint8Array>;
};

/** Opens the sample of a folder as pixels, cut as the model takes them, in red, green, blue or the model's own order. */
export async function openTargetPictures(
  source: CalibrationSource,
  preprocessing: Preprocessing,
  order: 'rgb' | 'bgr',
  log: PictureLog,
): Promise<TargetPictures> {
  const raw: Preprocessing = { ...preprocessing, input: 'raw', layout: 'nhwc' };
  const opened = await openCalibration(source, raw, '', log);
  if (opened.kind !== 'pictures') {
    throw new ResedgeError('usage', `${source.path}: expected a folder of pictures for the vendor's tool`);
  }
  return { count: opened.count, pixels: pixelsOf(opened.inputs, order === 'bgr') };
}

async function* pixelsOf(inputs: AsyncIterable<Tensor>, swap: boolean): AsyncGenerator<Uint8Array> {
  for await (const { data } of inputs) {
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    if (swap) {
      for (let i = 0; i < pixels.length; i += 3) [pixels[i], pixels[i + 2]] = [pixels[i + 2]!, pixels[i]!];
    }
    yield pixels;
  }
}
