import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { PICTURES } from '../../runtime/node/resedge.ts';

/** One of the bundled drawings as what Chromium's made-up camera shows, a .y4m file of 640 x 480. */
export async function cameraScene(drawing: string, path: string): Promise<string> {
  const png = `${path}.png`;
  await sharp(join(PICTURES, `${drawing}.svg`))
    .resize(640, 480, { fit: 'contain', background: '#fff' })
    .png()
    .toFile(png);
  execFileSync('ffmpeg', [
    '-y',
    '-v',
    'error',
    '-loop',
    '1',
    '-i',
    png,
    '-t',
    '1',
    '-r',
    '30',
    '-pix_fmt',
    'yuv420p',
    path,
  ]);
  rmSync(png);
  return path;
}

/** Gives Chromium's pages what they ask for, as a person who always agrees. */
export const GRANTED = '--use-fake-ui-for-media-stream';

/** A camera of Chromium's that shows the scene, for pages that are given one. */
export const sceneFlags = (scene: string): readonly string[] => [
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${scene}`,
];

/** Lets Chromium show the scene to every page that asks for a camera. */
export const cameraFlags = (scene: string): readonly string[] => [...sceneFlags(scene), GRANTED];
