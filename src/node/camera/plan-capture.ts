import { ResedgeError } from '../../errors.ts';
import { frameShape, type PixelFormat } from '../../image/frame.ts';
import { checkVersion, firstInstalled } from './find-program.ts';
import type { CaptureRequest, CommandPlan } from './protocol.ts';
import { type CaptureWishes, DEFAULT_FPS, DEFAULT_SIZE, LONGEST_SIDE, RECIPES, type Recipe } from './recipes.ts';
import { redact, redactWords } from './redact.ts';
import type { CameraSource, VideoFile } from './source.ts';

export type CaptureOptions = CaptureWishes & {
  /** Of raw frames on stdin. */
  readonly format?: PixelFormat | undefined;
  /** Milliseconds without a frame after which a source is opened again; default 5000. */
  readonly stallMs?: number | undefined;
};

const STALL_MS = 5000;

/** Least time for a source to open and send its first frame. */
const OPENING_MS = 15_000;

/** The longest time that a timer takes, 24 days: a stream that is pushed may begin whenever it likes. */
const WITHOUT_END = 2 ** 31 - 1;

/** Pictures of a folder a second. */
const FOLDER_FPS = 2;

/** What a source is called in messages, without passwords. */
export function nameOf(source: CameraSource): string {
  switch (source.kind) {
    case 'v4l2':
      return source.device;
    case 'rtsp':
    case 'http':
      return redact(source.url, source.url);
    case 'gst':
      return `gst:${redactWords(source.words)}`;
    case 'file':
    case 'folder':
      return source.path;
    default:
      return source.kind;
  }
}

/** Decides how a source's frames are got here. Throws `unavailable` where a program is missing, with the command that installs it. */
export async function planCapture(source: CameraSource, options: CaptureOptions): Promise<CaptureRequest> {
  const name = nameOf(source);
  const { size = DEFAULT_SIZE, fps = DEFAULT_FPS, format } = options;
  expectFitting(source, options);
  switch (source.kind) {
    case 'test':
      return { name, plan: { kind: 'test', size, fps } };
    case 'folder': {
      const within = options.size ?? { width: LONGEST_SIDE, height: LONGEST_SIDE };
      return { name, plan: { kind: 'folder', path: source.path, size: within, fps: options.fps ?? FOLDER_FPS } };
    }
    case 'stdin': {
      if (options.size === undefined || format === undefined)
        throw new ResedgeError(
          'usage',
          'expected the size and format of raw frames on stdin, as in --size 640x480 --format rgb24',
        );
      return { name, plan: { kind: 'stdin', shape: frameShape(format, size.width, size.height) } };
    }
    default:
      return { name, plan: await planCommand(name, source, options, true) };
  }
}

/** As {@link planCapture}, for all frames of a video as fast as they can be read. */
export async function planVideo(source: VideoFile, options: CaptureOptions): Promise<CommandPlan> {
  expectFitting(source, options);
  return await planCommand(nameOf(source), source, options, false);
}

function expectFitting(source: CameraSource, { format, listen }: CaptureOptions): void {
  if (format !== undefined && source.kind !== 'stdin')
    throw new ResedgeError(
      'usage',
      `expected a format for raw frames on stdin alone, ${nameOf(source)} brings its own: leave it out`,
    );
  if (listen && source.kind !== 'rtsp' && source.kind !== 'http')
    throw new ResedgeError('usage', `expected an rtsp:// or http:// address to listen at, received ${nameOf(source)}`);
}

async function planCommand(
  name: string,
  source: Exclude<CameraSource, { readonly kind: 'test' | 'stdin' | 'folder' }>,
  { size, fps, listen = false, stallMs = STALL_MS }: CaptureOptions,
  paced: boolean,
): Promise<CommandPlan> {
  const recipes = RECIPES[source.kind] as readonly Recipe[];
  // GStreamer's elements fetch a stream, they do not wait for one.
  const able = listen ? recipes.filter(({ program }) => program === 'ffmpeg') : recipes;
  const { recipe, path } = firstInstalled(able, name);
  const version = await checkVersion(recipe.program, path);
  const wishes = {
    size: size ?? DEFAULT_SIZE,
    fps: fps ?? DEFAULT_FPS,
    fixedSize: size !== undefined,
    fixedFps: fps !== undefined,
    listen,
    paced,
    version,
  };
  return {
    kind: 'command',
    program: recipe.program,
    path,
    args: recipe.args(source, wishes),
    output: recipe.output(wishes),
    address: 'url' in source ? source.url : '',
    reopen: source.kind === 'file' ? 'never' : source.kind === 'gst' ? 'failed' : 'always',
    stall: stallMs,
    opening: listen ? WITHOUT_END : Math.max(OPENING_MS, stallMs),
  };
}
