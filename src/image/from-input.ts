import type { Preprocessing } from '../tensor/preprocessing.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Pixels } from './pixels.ts';

/** The pixels of a model's input of one picture, which `toInput` made it from. */
export function fromInput(input: Tensor, preprocessing: Preprocessing): Pixels {
  const { inputSize: side, layout, channels, scale, mean, std } = preprocessing;
  const data = new Uint8Array(side * side * 3);
  if (input.dtype === 'uint8') data.set(input.data.subarray(0, data.length));
  else {
    const plane = side * side;
    const [step, stride] = layout === 'nchw' ? [plane, 1] : [1, 3];
    for (let channel = 0; channel < 3; channel++) {
      const colour = channels === 'rgb' ? channel : 2 - channel;
      for (let i = 0; i < plane; i++) {
        const value = Number(input.data[channel * step + i * stride]);
        data[i * 3 + colour] = Math.max(0, Math.min(255, Math.round((value * std[channel]! + mean[channel]!) * scale)));
      }
    }
  }
  return { width: side, height: side, data };
}
