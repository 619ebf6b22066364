import { openCamera } from '../camera.ts';

/** Pictures a second that are sent at most, and their width. */
const RATE = 10;
const WIDTH = 480;
const QUALITY = 0.8;

/** The camera of the device that shows the page. */
export type OwnCamera = { readonly close: () => Promise<void> };

/** True where a browser gives a page its camera: over https or on localhost. */
export function hasOwnCamera(): boolean {
  return isSecureContext && navigator.mediaDevices !== undefined;
}

/** Opens it and hands out JPEGs, the next one once `take` is done with the one before. Throws what `openCamera` throws. */
export async function openOwnCamera(take: (picture: Blob) => Promise<void>): Promise<OwnCamera> {
  const video = document.createElement('video');
  const source = await openCamera({ video });
  let open = true;
  const loop = async (): Promise<void> => {
    while (open) {
      const begun = performance.now();
      const picture = await pictureOf(video);
      if (open && picture !== undefined) await take(picture);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 / RATE - (performance.now() - begun))));
    }
  };
  void loop();
  return {
    close: async () => {
      open = false;
      await source.close();
    },
  };
}

async function pictureOf(video: HTMLVideoElement): Promise<Blob | undefined> {
  const { videoWidth, videoHeight } = video;
  const width = Math.min(WIDTH, videoWidth);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = Math.round((width * videoHeight) / Math.max(1, videoWidth));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', QUALITY));
}
