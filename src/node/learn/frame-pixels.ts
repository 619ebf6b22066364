import type { RawPicture } from '../../image/frame.ts';
import { createFramePreparer } from '../../image/from-frame.ts';
import type { Pixels } from '../../image/pixels.ts';
import { allocateInput } from '../../image/to-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';

/** What a model sees of frames, as pixels of its input size in memory of their own. Throws as `createFramePreparer`. */
export function framePixels(preprocessing: Preprocessing): (frame: RawPicture) => Pixels {
  const bytes: Preprocessing = { ...preprocessing, input: 'raw', layout: 'nhwc' };
  const prepare = createFramePreparer(bytes);
  const side = preprocessing.inputSize;
  return (frame) => {
    const { data } = prepare(frame, allocateInput(bytes));
    return { width: side, height: side, data: Uint8Array.from(data) };
  };
}
