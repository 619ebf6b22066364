import { type Command, InvalidArgumentError, Option } from 'commander';
import { MAX_FRAME_SIDE, PIXEL_FORMATS, type PixelFormat } from '../image/frame.ts';
import type { Size } from '../node/camera/recipes.ts';
import type { OpenedModel } from '../node/model/open-model.ts';
import { type AskedRegion, parseRegion, regionIn } from '../pipeline/answers/region.ts';
import type { FrameSource, StreamAnswer } from '../pipeline/types.ts';
import { type AnswerFlags, addAnswerOptions } from './answer-options.ts';
import { realNumber, wholeNumber } from './options.ts';
import { note } from './print.ts';
import { addRunOptions, openOptions, type RunFlags } from './run-options.ts';
import { untilStopped } from './stop.ts';

const MAX_TOP = 100_000;
const MAX_FPS = 1000;
const MAX_FRAMES = 2 ** 31;
const MAX_STALL_SECONDS = 86_400;

/** After a signal the program ends by itself; after this time it ends in any case. */
const LATEST_END_MS = 450;

type Flags = AnswerFlags &
  RunFlags & {
    readonly model: string;
    readonly size?: Size;
    readonly fps?: number;
    readonly format?: PixelFormat;
    readonly roi?: AskedRegion;
    readonly listen?: boolean;
    readonly stall: number;
    readonly top: number;
    readonly frames?: number;
    readonly json?: boolean;
  };

export function addCamera(program: Command): Command {
  const command = program
    .command('camera <source>')
    .description(
      'say what a camera sees: auto, /dev/video0, rpicam, argus, rtsp://, http:// (MJPEG), gst:<pipeline>, a video, a folder of pictures, test, or - for raw frames on stdin',
    )
    .requiredOption('--model <model.onnx>', 'a model made by resedge convert')
    .option('--size <width x height>', 'size of the frames to ask for, as 640x480', frameSize)
    .option('--fps <n>', 'frames a second to ask for', realNumber(0, MAX_FPS))
    .addOption(new Option('--format <format>', 'of raw frames on stdin').choices([...PIXEL_FORMATS]))
    .option('--roi <x,y,w,h>', 'the part of the frame to look at, in pixels or in shares of it', region)
    .option('--listen', 'wait at an rtsp:// or http:// address for a camera that pushes its stream')
    .option(
      '--stall <seconds>',
      'open a source again that sends nothing for so long',
      realNumber(0, MAX_STALL_SECONDS),
      5,
    )
    .option('--top <n>', 'classes to name in JSON', wholeNumber(1, MAX_TOP), 5)
    .option('--frames <n>', 'end after so many answers', wholeNumber(1, MAX_FRAMES))
    .option('--json', 'one line of JSON for each answer')
    .action(runCamera);
  return addAnswerOptions(addRunOptions(command));
}

/** Parses `640x480`, for commander. */
export function frameSize(text: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text)?.map(Number) ?? [];
  const sane = (side: number | undefined): side is number => side !== undefined && side > 0 && side <= MAX_FRAME_SIDE;
  if (sane(width) && sane(height)) return { width, height };
  throw new InvalidArgumentError(`Expected a width and a height up to ${MAX_FRAME_SIDE}, as 640x480.`);
}

function region(text: string): AskedRegion {
  try {
    return parseRegion(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

async function runCamera(name: string, flags: Flags): Promise<void> {
  const [{ openCamera }, { openModel }, { openAnswerStage }, { answerScreen }] = await Promise.all([
    import('../node/camera/open-camera.ts'),
    import('../node/model/open-model.ts'),
    import('./camera-answers.ts'),
    import('./camera-screen.ts'),
  ]);
  const stop = untilStopped();
  const { size, fps, format, listen, stall } = flags;
  const model = await openModel(flags.model, openOptions(flags));
  try {
    for (const warning of model.warnings) note(warning);
    const screen = answerScreen(flags);
    const stage = await openAnswerStage(flags, model.metadata.labels, {
      note: screen.note,
      origin: performance.timeOrigin,
      still: screen.still,
    });
    try {
      const options = { size, fps, format, listen, stallMs: stall * 1000, notify: screen.note };
      const source = await openCamera(name, options);
      const figures = screen.begin(source, model.choice.provider);
      const late = endInTime(stop.signal, async () => {
        note(figures.end());
        await stage.close();
      });
      try {
        await watch(stage.gate(source), model, flags, stop.signal, (answer) => screen.show(answer, stage.take(answer)));
        note(figures.end());
      } finally {
        figures.end();
        await source.close();
        late.clear();
      }
    } finally {
      await stage.close();
    }
  } finally {
    await model.session.close();
    stop.end();
  }
}

async function watch(
  source: FrameSource,
  model: OpenedModel,
  { frames = Number.POSITIVE_INFINITY, top, roi }: Flags,
  signal: AbortSignal,
  show: (answer: StreamAnswer) => void,
): Promise<void> {
  const { classifyStream } = await import('../node/camera/classify-stream.ts');
  const options = { top, signal, ...(roi === undefined ? {} : { region: (frame: Size) => regionIn(roi, frame) }) };
  let answered = 0;
  for await (const answer of classifyStream(source, model, options)) {
    show(answer);
    if (++answered >= frames) return;
  }
}

/** What hangs, in a driver or in an inference, does not keep the program from ending in time after a signal. */
function endInTime(signal: AbortSignal, last: () => Promise<void>): { readonly clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => void last().finally(() => process.exit(0)), LATEST_END_MS);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', begin);
    },
  };
}
