import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../common/folders.ts';

const DRAWINGS = join(ROOT, 'models/resnet20-cifar10/pictures');
const SIZE = { width: 640, height: 480 };
const FPS = 30;

/** An ffmpeg that serves MJPEG as a network camera does, at 640x480 and 30 fps: the bundled drawings in turn, under moving grain. */
export async function serveScene(folder: string, address: string, secondsEach: number): Promise<ChildProcess> {
  const drawings = readdirSync(DRAWINGS).sort();
  for (const [i, drawing] of drawings.entries()) {
    const picture = sharp(join(DRAWINGS, drawing)).resize(SIZE.width, SIZE.height, { fit: 'fill' });
    await picture
      .flatten({ background: '#ffffff' })
      .png()
      .toFile(join(folder, `${i}.png`));
  }
  const input = ['-f', 'image2', '-loop', '1', '-framerate', `1/${secondsEach}`, '-i', join(folder, '%d.png')];
  const moving = ['-vf', `fps=${FPS},realtime,noise=alls=12:allf=t`];
  const output = ['-c:v', 'mjpeg', '-q:v', '4', '-f', 'mpjpeg', '-listen', '1', address];
  return spawn('ffmpeg', ['-nostdin', '-v', 'error', ...input, ...moving, ...output], { stdio: 'ignore' });
}
