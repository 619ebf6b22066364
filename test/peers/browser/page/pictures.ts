import { type Picture, readPicture } from 'resedge';
import { blobOf } from './answers.ts';

type Geometry = Parameters<typeof readPicture>[1];

/** What a model sees of each picture, as numbers. */
export function seen(pictures: readonly (Geometry & { readonly address: string })[]): Promise<readonly number[][]> {
  return Promise.all(
    pictures.map(async ({ address, ...geometry }) => [...(await readPicture(await blobOf(address), geometry)).data]),
  );
}

/** The same picture in every form that a page may have it in. */
export async function seenAsEveryForm(
  address: string,
  geometry: Geometry,
): Promise<Readonly<Record<string, number[]>>> {
  const blob = await blobOf(address);
  const bitmap = await createImageBitmap(blob);
  const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = offscreen.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  const image = new Image();
  image.src = address;
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  const video = await videoOf(canvas);
  const forms: Readonly<Record<string, Picture>> = {
    blob,
    bitmap,
    pixels: context.getImageData(0, 0, bitmap.width, bitmap.height),
    image,
    canvas,
    offscreen,
    frame,
    video,
  };
  const pixels: Record<string, number[]> = {};
  for (const [name, form] of Object.entries(forms)) pixels[name] = [...(await readPicture(form, geometry)).data];
  // Reading leaves what it read open.
  pixels['bitmap again'] = [...(await readPicture(bitmap, geometry)).data];
  pixels['frame again'] = [...(await readPicture(frame, geometry)).data];
  frame.close();
  return pixels;
}

async function videoOf(canvas: HTMLCanvasElement): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = canvas.captureStream(30);
  await video.play();
  return video;
}

/** A picture of one colour per row, taller than what passes through the canvas at a time: the colours of some of its rows. */
export async function seenInBands(width: number, height: number, rows: readonly number[]): Promise<readonly number[]> {
  const data = new ImageData(width, height);
  for (let y = 0; y < height; y++) data.data.fill(y % 251, y * width * 4, (y + 1) * width * 4);
  for (let i = 3; i < data.data.length; i += 4) data.data[i] = 255;
  const bitmap = await createImageBitmap(data);
  // Shorter side and square as large as the picture: nothing is resized, and the square is the picture's middle.
  const size = Math.min(width, height);
  const { data: rgb } = await readPicture(bitmap, { inputSize: size, resize: size });
  return rows.map((row) => rgb[row * size * 3]!);
}

type Unreadable = 'text' | 'svg' | 'closed' | 'video' | 'broken' | 'foreign' | 'huge';

/** A picture that cannot be read. */
export async function unreadable(kind: Unreadable, foreign: string): Promise<Picture> {
  switch (kind) {
    case 'text':
      return new File(['this is no picture'], 'note.jpg');
    case 'svg':
      return new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'], { type: 'image/svg+xml' });
    case 'closed': {
      const bitmap = await createImageBitmap(new ImageData(4, 4));
      bitmap.close();
      return bitmap;
    }
    case 'video':
      return document.createElement('video');
    case 'broken': {
      const image = new Image();
      image.src = 'data:image/png;base64,AAAA';
      return image;
    }
    case 'foreign': {
      const image = new Image();
      image.src = foreign;
      return image;
    }
    case 'huge':
      return Object.assign(document.createElement('canvas'), { width: 16384, height: 8192 });
  }
}
