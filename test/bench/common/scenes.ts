import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { mulberry32 } from '../../../src/tensor/random.ts';
import { ROOT, workPath } from './folders.ts';

const DRAWINGS = join(ROOT, 'models/resnet20-cifar10/pictures');
const WIDTH = 500;
const HEIGHT = 375;
/** Standard deviation of the grain laid over a drawing: flat areas give a decoder less to do than a photograph. */
const GRAIN = 12;
const QUALITY = 90;

/** A folder of `count` JPEGs of 500 x 375: the bundled drawings in other colours under grain, the same ones every time. */
export async function scenes(count: number): Promise<string> {
  const folder = workPath(`scenes-${count}`);
  if (existsSync(folder)) return folder;
  const drawings = readdirSync(DRAWINGS).sort();
  const pictures = await Promise.all(
    Array.from({ length: count }, (_, i) => scene(join(DRAWINGS, drawings[i % drawings.length]!), i)),
  );
  mkdirSync(folder);
  for (const [i, picture] of pictures.entries())
    await picture.toFile(join(folder, `${String(i).padStart(3, '0')}.jpg`));
  return folder;
}

async function scene(drawing: string, seed: number): Promise<Sharp> {
  const random = mulberry32(seed);
  const colours = { hue: Math.floor(random() * 360), brightness: 0.7 + random() * 0.6 };
  const { data, info } = await sharp(drawing)
    .resize(WIDTH, HEIGHT, { fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .modulate(colours)
    .raw()
    .toBuffer({ resolveWithObject: true });
  // The sum of three uniform numbers has a variance of 1/4.
  const grain = (): number => (random() + random() + random() - 1.5) * 2 * GRAIN;
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, Math.min(255, Math.round(data[i]! + grain())));
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } }).jpeg({
    quality: QUALITY,
  });
}
