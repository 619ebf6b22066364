// The least program that classifies: node classify.mjs <model.onnx> <picture>; prints the five best classes' numbers.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const [model, picture] = process.argv.slice(2);
const RESIZE = 256;
const SIZE = 224;
const opening = InferenceSession.create(model);
const { width, height } = await sharp(picture).metadata();
const scale = RESIZE / Math.min(width, height);
const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
const pixels = await sharp(picture)
  .resize(w, h, { fit: 'fill', kernel: 'linear' })
  .extract({ left: (w - SIZE) >> 1, top: (h - SIZE) >> 1, width: SIZE, height: SIZE })
  .raw()
  .toBuffer();
const session = await opening;
const outputs = await session.run({
  [session.inputNames[0]]: new Tensor('uint8', new Uint8Array(pixels), [1, SIZE, SIZE, 3]),
});
const logits = [...outputs[session.outputNames[0]].data];
const best = logits.map((logit, index) => ({ logit, index })).sort((a, b) => b.logit - a.logit);
for (const { logit, index } of best.slice(0, 5)) process.stdout.write(`${index} ${logit.toFixed(4)}\n`);
