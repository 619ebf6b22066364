// Proves that the native packages load and work on the processor in hand: node smoke.mjs <packages folder> <picture>
// Prints one line of JSON: the architecture, ONNX Runtime's backends, and the picture's pixels shrunk to 32 x 32.
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { join } from 'node:path';

const [folder, picture] = process.argv.slice(2);
const load = createRequire(join(folder, 'package.json'));
const runtime = load('onnxruntime-node');
const sharp = load('sharp');

const pixels = await sharp(picture).resize(32, 32, { kernel: 'linear' }).removeAlpha().raw().toBuffer();
process.stdout.write(
  JSON.stringify({
    arch: arch(),
    backends: runtime.listSupportedBackends().map(({ name }) => name),
    pixels: [...pixels],
  }),
);
