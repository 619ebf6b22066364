import { existsSync, readdirSync, statSync } from 'node:fs';
import type { CameraDefault } from '../../device/profile.ts';
import { ResedgeError } from '../../errors.ts';
import { splitWords } from '../split-words.ts';
import { findProgram } from './find-program.ts';
import { redactMistyped } from './redact.ts';

/** Where frames come from. */
export type CameraSource =
  | { readonly kind: 'test' }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'v4l2'; readonly device: string }
  | { readonly kind: 'rpicam' }
  | { readonly kind: 'argus' }
  | { readonly kind: 'rtsp'; readonly url: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'gst'; readonly words: readonly string[] }
  | VideoFile
  | { readonly kind: 'folder'; readonly path: string };

export type VideoFile = { readonly kind: 'file'; readonly path: string };

const WORDS =
  'auto, test, /dev/video0, rpicam, argus, an rtsp:// or http:// address, gst:<pipeline>, a video file, a folder of pictures, or - for raw frames on stdin';

/**
 * Reads a source as the command line names it; `auto` is the camera of the device's profile, else the first that is there. Throws code
 * `io` or `unavailable` where there is none, `usage` for a pipeline that cannot be read.
 */
export function parseSource(text: string, camera: CameraDefault | undefined): CameraSource {
  if (text === 'auto') return automatic(camera);
  if (text === 'test') return { kind: 'test' };
  if (text === '-') return { kind: 'stdin' };
  if (text === 'rpicam' || text === 'argus') return { kind: text };
  if (/^rtsps?:\/\//i.test(text)) return { kind: 'rtsp', url: text };
  if (/^https?:\/\//i.test(text)) return { kind: 'http', url: text };
  if (text.startsWith('gst:')) return pipeline(text.slice(4));
  if (text.startsWith('/dev/')) return v4l2(text);
  const stats = statSync(text, { throwIfNoEntry: false });
  if (stats === undefined) {
    const found = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? 'no address that is taken' : 'no such file or folder';
    throw new ResedgeError('io', `${redactMistyped(text)}: ${found}; expected ${WORDS}`);
  }
  return { kind: stats.isDirectory() ? 'folder' : 'file', path: text };
}

/** As a shell would hand it to gst-launch-1.0. */
function pipeline(text: string): CameraSource {
  const wanted = 'expected a GStreamer pipeline, as gst:v4l2src device=/dev/video2 ! jpegdec';
  const words = splitWords(text, wanted);
  if (words.length === 0) throw new ResedgeError('usage', `${wanted}, received an empty one`);
  return { kind: 'gst', words };
}

function v4l2(device: string): CameraSource {
  if (existsSync(device)) return { kind: 'v4l2', device };
  const others = videoDevices();
  const found = others.length === 0 ? 'there is no camera' : `found ${others.join(', ')}`;
  throw new ResedgeError('io', `${device}: expected a camera, ${found}: plug it in, or name another source`);
}

function videoDevices(folder = '/dev'): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^video\d+$/.test(name)) : [];
  return names.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))).map((name) => `${folder}/${name}`);
}

function automatic(camera: CameraDefault | undefined): CameraSource {
  if (camera?.source === 'rpicam') return { kind: 'rpicam' };
  if (camera?.source === 'nvargus') return { kind: 'argus' };
  const [device] = videoDevices();
  if (device !== undefined) return { kind: 'v4l2', device };
  if (findProgram('rpicam-vid') ?? findProgram('libcamera-vid')) return { kind: 'rpicam' };
  throw new ResedgeError(
    'unavailable',
    `auto: expected a camera, found no /dev/video*: plug one in, or name ${WORDS.slice(6)}`,
  );
}
