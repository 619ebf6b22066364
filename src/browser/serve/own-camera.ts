/** Pictures a second that are sent at most, and their width. */
const RATE = 10;
const WIDTH = 480;
const QUALITY = 0.8;

/** The camera of the device that shows the page. */
export type OwnCamera = { readonly video: HTMLVideoElement; readonly close: () => void };

/** True where a browser gives a page its camera: over https or on localhost. */
export function hasOwnCamera(): boolean {
  return isSecureContext && navigator.mediaDevices !== undefined;
}

/** Opens it and hands out JPEGs, the next one once `take` is done with the one before. Throws in a line why there is none. */
export async function openOwnCamera(take: (picture: Blob) => Promise<void>): Promise<OwnCamera> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).catch((error) => {
    const denied = error instanceof Error && error.name === 'NotAllowedError';
    throw new Error(
      denied
        ? 'expected the camera, permission was denied: allow it in the address bar'
        : 'expected a camera, there is none',
    );
  });
  const video = document.createElement('video');
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  await video.play();
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
    video,
    close: () => {
      open = false;
      for (const track of stream.getTracks()) track.stop();
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
