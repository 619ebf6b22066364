import { ResedgeError } from '../../errors.ts';
import { redact } from './redact.ts';

/** What programs say of sources that they cannot open, and what it means; $1 is what the pattern's group found. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /device or resource busy|in use by another|pipeline handler in use|acquire camera/i,
    'another program has it: close that one',
  ],
  [
    /permission denied|(?<!decoding stream #\d+:\d+: )operation not permitted/i,
    'no permission to open it: for a camera, add yourself to the group video and log in again',
  ],
  [
    /no cameras? available|no such device|cannot identify device/i,
    'there is no camera: plug it in, and check its cable',
  ],
  [
    /not a video capture device|inappropriate ioctl/i,
    'it is no camera, or its second device, which gives no pictures: name another',
  ],
  [
    /401 unauthorized|403 forbidden|authorization failed/i,
    'it wants another name and password: check those in the address',
  ],
  [/404 not found/i, 'there is nothing at this address: check its path'],
  [/connection refused/i, 'nobody listens there: check host and port, and that the camera is on'],
  [/no route to host|network is unreachable|connection timed out/i, 'it does not answer: check the network'],
  [/name or service not known|failed to resolve|temporary failure in name/i, 'its host is unknown: check the name'],
  [/address already in use/i, 'another program listens there: take another port'],
  [/matches no streams/i, 'it holds sound alone, no pictures'],
  [
    /invalid data found|moov atom not found|could not find codec|error while decoding stream/i,
    'it is no video that can be read, or a damaged one',
  ],
  [/no such file or directory/i, 'there is nothing there: check the name'],
  [
    /missing a plug-in/i,
    'GStreamer cannot decode it: sudo apt install gstreamer1.0-plugins-good gstreamer1.0-libav, or ffmpeg',
  ],
  [/no element "(nv\w+)"/i, 'GStreamer has no $1, which a Jetson has: sudo apt install nvidia-l4t-gstreamer'],
  [/no element "(\w+)"/i, 'GStreamer has no $1: sudo apt install gstreamer1.0-plugins-good gstreamer1.0-libav'],
];

/** Lines that say nothing of the cause. */
const NOISE =
  /^\s*$|last message repeated|exiting normally|^Additional debug info|want to preroll|^\.\.\/|^(Execution|Setting pipeline|Freeing)/i;

/** Why a program gave no frames, in one line without passwords. `address` is what was asked for. */
export function explainCapture(program: string, stderr: string, how: string, address: string): string {
  for (const [pattern, meaning] of MEANINGS) {
    const found = pattern.exec(stderr);
    if (found !== null) return meaning.replace('$1', found[1] ?? '');
  }
  const said = stderr
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .at(-1);
  return said === undefined ? `${program} ${how}` : `${program} ${how}: ${redact(said.trim(), address).slice(0, 200)}`;
}

/** The error of a source that never gave a frame. */
export function noFrames(name: string, why: string): ResedgeError {
  return new ResedgeError('io', `${name}: expected frames, ${why}`);
}
