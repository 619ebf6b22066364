import { ResedgeError } from '../errors.ts';
import { frameShape } from '../image/frame.ts';
import type { Frame, FrameSource } from '../pipeline/types.ts';
import { oneLine } from '../runtime/explain.ts';
import { readPixels } from './read-pixels.ts';

export type CameraOptions = {
  /** Which camera, by the id that `enumerateDevices` tells; default: the browser's choice. */
  readonly deviceId?: string;
  /** The side of a phone that the camera looks from; default: away from the person. */
  readonly facing?: 'user' | 'environment';
  /** Size and rate to ask for; the camera gives what comes near. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly fps?: number;
  /** The element of the page that shows what the camera sees; default: one that is not shown. */
  readonly video?: HTMLVideoElement;
};

const DEFAULT_SIZE = { width: 640, height: 480 };
const DEFAULT_FPS = 30;

/** What getUserMedia refuses with, and what it means. */
const REFUSALS: Readonly<Record<string, string>> = {
  NotAllowedError: 'permission was denied: allow the camera in the address bar, and reload',
  NotFoundError: 'there is none: plug one in',
  NotReadableError: 'another program has it: close that one',
  OverconstrainedError: 'none is like the one asked for: leave deviceId out',
  SecurityError: 'this page may not use it: its server has to allow the camera (Permissions-Policy)',
};

/**
 * Opens a camera of this browser, asking the person for permission. Throws `io` where it is denied, missing or taken, and `unavailable` on a
 * page that browsers give no camera to.
 */
export async function openCamera(options: CameraOptions = {}): Promise<FrameSource> {
  const { deviceId, facing = 'environment', size = DEFAULT_SIZE, fps = DEFAULT_FPS } = options;
  // Absent on pages without TLS, whatever the types say.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined)
    throw new ResedgeError(
      'unavailable',
      'expected a camera, browsers give none to this page: open it over https or on localhost',
    );
  const video = {
    width: { ideal: size.width },
    height: { ideal: size.height },
    frameRate: { ideal: fps },
    ...(deviceId === undefined ? { facingMode: { ideal: facing } } : { deviceId: { exact: deviceId } }),
  };
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({ video, audio: false });
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    throw new ResedgeError('io', `camera: expected frames, ${REFUSALS[name] ?? oneLine(cause)}`, { cause });
  }
  return await streamSource(stream, options.video ?? document.createElement('video'));
}

/** Frames of a stream, which is stopped when the source is closed. */
async function streamSource(stream: MediaStream, video: HTMLVideoElement): Promise<FrameSource> {
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    await video.play();
  } catch (cause) {
    stop();
    throw new ResedgeError('io', `camera: expected frames, playing them failed (${oneLine(cause)})`, { cause });
  }
  const [track] = stream.getVideoTracks();
  return videoSource(video, {
    stop,
    onLost: (lost) =>
      track?.addEventListener('ended', () => lost('camera: expected frames, it is gone: plug it in again'), {
        once: true,
      }),
  });
}

type Ends = {
  readonly stop: () => void;
  /** Takes what is to be called, with a message, when the frames break off. */
  readonly onLost: (lost: (message: string) => void) => void;
};

type Waiting = { readonly resolve: (frame: Frame | undefined) => void; readonly reject: (error: ResedgeError) => void };

/** The frames that a video element shows, to its end. The element goes on when the source is closed. */
export function videoSource(
  video: HTMLVideoElement,
  { stop, onLost }: Ends = { stop: () => undefined, onLost: () => undefined },
): FrameSource {
  const counted = { captured: 0, dropped: 0 };
  let room: Uint8Array | undefined;
  let arrivedMs = 0;
  let fresh = false;
  let over = false;
  let failure: ResedgeError | undefined;
  let waiting: Waiting | undefined;

  const serve = (): void => {
    if (waiting === undefined) return;
    const { resolve, reject } = waiting;
    if (failure !== undefined) reject(failure);
    else if (over) resolve(undefined);
    else if (fresh) {
      fresh = false;
      try {
        resolve(grab());
      } catch (error) {
        reject(error instanceof ResedgeError ? error : new ResedgeError('internal', oneLine(error)));
      }
    } else return;
    waiting = undefined;
  };
  const grab = (): Frame => {
    const { videoWidth: width, videoHeight: height } = video;
    const pixels = readPixels({ image: video, width, height }, room);
    room = pixels.data;
    return { ...frameShape('rgb24', width, height), data: room, index: counted.captured - 1, arrivedMs };
  };
  const onFrame = (now: number): void => {
    if (over) return;
    counted.captured++;
    if (fresh) counted.dropped++;
    fresh = true;
    arrivedMs = now;
    serve();
    asked = video.requestVideoFrameCallback(onFrame);
  };
  const end = (): void => {
    over = true;
    serve();
  };
  let asked = video.requestVideoFrameCallback(onFrame);
  video.addEventListener('ended', end, { once: true });
  onLost((message) => {
    failure = new ResedgeError('io', message);
    end();
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        serve();
      }),
    hasNewer: () => fresh,
    counts: () => ({ ...counted, reconnects: 0 }),
    close: async () => {
      video.cancelVideoFrameCallback(asked);
      video.removeEventListener('ended', end);
      failure = undefined;
      end();
      stop();
    },
  };
}
