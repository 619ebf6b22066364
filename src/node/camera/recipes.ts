import { type FrameShape, frameShape } from '../../image/frame.ts';
import type { ProgramName, Version } from './find-program.ts';
import type { CameraSource } from './source.ts';

export type Size = { readonly width: number; readonly height: number };

/** What is asked of a source; what is left out is its own choice, or the default. */
export type CaptureWishes = {
  readonly size?: Size | undefined;
  readonly fps?: number | undefined;
  /** Waits for the stream to be pushed to the address, instead of fetching it. */
  readonly listen?: boolean | undefined;
};

/** How the bytes on a program's stdout are framed. */
export type Output = { readonly kind: 'y4m' } | { readonly kind: 'raw'; readonly shape: FrameShape };

type Wishes = Required<Pick<CaptureWishes, 'listen'>> & {
  readonly size: Size;
  readonly fps: number;
  /** True where the user named them. */
  readonly fixedSize: boolean;
  readonly fixedFps: boolean;
  /** Plays a file at its own speed, not as fast as it can be read. */
  readonly paced: boolean;
  readonly version: Version;
};

/** One way to get a source's frames: a program, its arguments, and what comes out. */
export type Recipe<S extends CameraSource = CameraSource> = {
  readonly program: ProgramName;
  readonly args: (source: S, wishes: Wishes) => readonly string[];
  readonly output: (wishes: Wishes) => Output;
};

export const DEFAULT_SIZE: Size = { width: 640, height: 480 };
export const DEFAULT_FPS = 30;

/** Longest side of the frames of a video or stream of which no size is asked: a model sees far less. */
export const LONGEST_SIDE = 1280;

type Of<K extends CameraSource['kind']> = Extract<CameraSource, { readonly kind: K }>;

/** ffmpeg writes YUV4MPEG2, which tells its size and takes half the bytes of RGB; colours are brought to the matrix of BT.601. */
function ffmpeg<S extends CameraSource>(input: (source: S, wishes: Wishes) => readonly string[]): Recipe<S> {
  return {
    program: 'ffmpeg',
    args: (source, wishes) => [
      ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
      ...input(source, wishes),
      ...['-map', '0:v:0', '-vf', filters(wishes)],
      ...passthrough(wishes.version),
      ...['-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', '-flush_packets', '1', 'pipe:1'],
    ],
    output: () => ({ kind: 'y4m' }),
  };
}

function filters({ size, fps, fixedSize, fixedFps }: Wishes): string {
  const scale = fixedSize
    ? `w=${size.width}:h=${size.height}`
    : `w='min(${LONGEST_SIDE},iw)':h='min(${LONGEST_SIDE},ih)':force_original_aspect_ratio=decrease`;
  return [...(fixedFps ? [atMost(fps)] : []), `scale=${scale}:out_color_matrix=bt601:out_range=limited`].join(',');
}

/**
 * Drops frames beyond a rate, repeats none and holds none back. Variable 0 is when the next one is due; half a period of patience lets frames
 * through that come a little early.
 */
function atMost(fps: number): string {
  return `select='if(gte(t,ld(0)-0.5/${fps}),1+0*st(0,max(t,ld(0)+1/${fps})),0)'`;
}

/** Frames as they come, none repeated to fill gaps; the option has had its name since 5.1. */
function passthrough([major, minor]: Version): readonly string[] {
  return [major > 5 || (major === 5 && minor >= 1) ? '-fps_mode' : '-vsync', 'passthrough'];
}

/** Answers at once what arrives, instead of waiting for more to look at. */
const EAGER = ['-fflags', 'nobuffer', '-flags', 'low_delay'];

/** GStreamer takes whole numbers alone. */
function fraction(fps: number): string {
  return Number.isInteger(fps) ? `${fps}/1` : `${Math.round(fps * 1000)}/1000`;
}

/** GStreamer pads RGB rows to 4 bytes; of a rate that is asked for, frames are dropped and none repeated. A source that is `live` has a speed of its own. */
function gstreamer<S extends CameraSource>(head: (source: S) => readonly string[], live = true): Recipe<S> {
  return {
    program: 'gst-launch-1.0',
    args: (source, { size, fps, fixedFps, paced }) => [
      '-q',
      ...head(source),
      ...['!', 'videoconvert', '!', 'videoscale', ...(fixedFps ? ['!', 'videorate', 'drop-only=true'] : []), '!'],
      `video/x-raw,format=RGB,width=${size.width},height=${size.height}${fixedFps ? `,framerate=[0/1,${fraction(fps)}]` : ''}`,
      ...['!', 'fdsink', 'fd=1', `sync=${paced && !live}`],
    ],
    output: ({ size }) => ({ kind: 'raw', shape: frameShape('rgb24', size.width, size.height, 4) }),
  };
}

/** Rows of 4:2:0 are padded to 64 pixels; of this format rpicam-vid makes full-range colours. */
function rpicam(program: 'rpicam-vid' | 'libcamera-vid'): Recipe<Of<'rpicam'>> {
  return {
    program,
    args: (_, { size, fps }) => [
      ...['-t', '0', '-n', '--codec', 'yuv420', '--width', `${size.width}`, '--height', `${size.height}`],
      ...['--framerate', `${fps}`, '--flush', '-o', '-'],
    ],
    output: ({ size }) => ({ kind: 'raw', shape: frameShape('yuv420p', size.width, size.height, 64, 'full') }),
  };
}

const ARGUS: Recipe<Of<'argus'>> = {
  program: 'gst-launch-1.0',
  args: (_, { size, fps }) => [
    ...['-q', 'nvarguscamerasrc', '!'],
    `video/x-raw(memory:NVMM),width=${size.width},height=${size.height},framerate=${fraction(fps)}`,
    ...['!', 'nvvidconv', '!', 'video/x-raw,format=BGRx', '!', 'fdsink', 'fd=1', 'sync=false'],
  ],
  output: ({ size }) => ({ kind: 'raw', shape: frameShape('bgrx', size.width, size.height) }),
};

/** The ways to each source that a program opens, the best first. */
export const RECIPES: {
  readonly [K in Exclude<CameraSource['kind'], 'test' | 'stdin' | 'folder'>]: readonly Recipe<Of<K>>[];
} = {
  v4l2: [
    ffmpeg(({ device }, { size, fps }) => [
      ...EAGER,
      ...['-f', 'v4l2', '-framerate', `${fps}`, '-video_size', `${size.width}x${size.height}`, '-i', device],
    ]),
    gstreamer(({ device }) => ['v4l2src', `device=${device}`, '!', 'decodebin']),
  ],
  rpicam: [rpicam('rpicam-vid'), rpicam('libcamera-vid')],
  argus: [ARGUS],
  rtsp: [
    ffmpeg(({ url }, { listen }) => [
      ...EAGER,
      ...(listen ? ['-rtsp_flags', 'listen'] : ['-rtsp_transport', 'tcp']),
      ...['-i', url],
    ]),
    gstreamer(({ url }) => ['rtspsrc', `location=${url}`, 'latency=0', 'protocols=tcp', '!', 'decodebin']),
  ],
  http: [
    // MJPEG tells no times: ffmpeg would take 25 frames a second for granted.
    ffmpeg(({ url }, { listen, fixedFps }) => [
      ...EAGER,
      ...(fixedFps ? ['-use_wallclock_as_timestamps', '1'] : []),
      ...(listen ? ['-listen', '1'] : []),
      ...['-i', url],
    ]),
    gstreamer(({ url }) => [
      ...['souphttpsrc', `location=${url}`, 'is-live=true', '!', 'multipartdemux', '!', 'jpegdec'],
    ]),
  ],
  gst: [gstreamer(({ words }) => words)],
  file: [
    ffmpeg(({ path }, { paced }) => [...(paced ? ['-re'] : []), '-i', `file:${path}`]),
    gstreamer(({ path }) => ['filesrc', `location=${path}`, '!', 'decodebin'], false),
  ],
};
