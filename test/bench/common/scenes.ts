import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { mulberry32 } from '../../../src/tensor/random.ts';
import { ROOT, workPath } from './folders.ts';
import { addGrain } from './grain.ts';

const DRAWINGS = join(ROOT, 'models/resnet20-cifar10/pictures');
/** Size in pixels, and standard deviation of the grain laid over a drawing: flat areas give a decoder less to do than a photograph. */
export type SceneKind = { readonly width: number; readonly height: number; readonly grain: number };

const SMALL: SceneKind = { width: 500, height: 375, grain: 12 };
/** What a telephone's camera of 12 megapixels takes. */
export const LARGE: SceneKind = { width: 4032, height: 3024, grain: 6 };
const QUALITY = 90;

/** A folder of `count` JPEGs, of 500 x 375 by default: the bundled drawings in other colours under grain, the same ones every time. */
export async function scenes(count: number, kind: SceneKind = SMALL): Promise<string> {
  const folder = workPath(kind === SMALL ? `scenes-${count}` : `scenes-${count}-${kind.width}`);
  if (existsSync(folder)) return folder;
  const drawings = readdirSync(DRAWINGS).sort();
  const pictures = await Promise.all(
    Array.from({ length: count }, (_, i) => scene(join(DRAWINGS, drawings[i % drawings.length]!), i, kind)),
  );
  mkdirSync(folder);
  for (const [i, picture] of pictures.entries())
    await picture.toFile(join(folder, `${String(i).padStart(3, '0')}.jpg`));
  return folder;
}

async function scene(drawing: string, seed: number, { width, height, grain }: SceneKind): Promise<Sharp> {
  const random = mulberry32(seed);
  const colours = { hue: Math.floor(random() * 360), brightness: 0.7 + random() * 0.6 };
  const { data, info } = await sharp(drawing)
    .resize(width, height, { fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .modulate(colours)
    .raw()
    .toBuffer({ resolveWithObject: true });
  addGrain(data, grain, random);
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } }).jpeg({
    quality: QUALITY,
  });
}
