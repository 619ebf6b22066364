import { statSync } from 'node:fs';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { openCamera } from '../camera/open-camera.ts';
import { type CaptureOptions, planVideo } from '../camera/plan-capture.ts';
import { parseSource } from '../camera/source.ts';
import { listPictures } from '../image/list.ts';
import { exampleOfFile } from './example.ts';
import { type Recording, record } from './record.ts';
import { recordVideo } from './record-video.ts';

/** Where the pictures of a class come from. */
export type GatherOptions = {
  /** A folder of pictures, or a source of frames as `resedge camera` takes it. */
  readonly from: string;
  /** Of frames. */
  readonly count: number;
  /** Between frames; default: half a second, and those of a video file spread over all of it. */
  readonly everyMs?: number;
  readonly camera?: CaptureOptions;
  readonly onNotice: (line: string) => void;
  /** Is told of every frame: one recorded of `count`, or one of a video that was looked at, whose number is not known. */
  readonly onFrame?: (done: number, count: number | undefined) => void;
  readonly signal?: AbortSignal;
};

const EVERY_MS = 500;

/** The pictures of a folder, or frames of a video or a camera, as examples of class `index`. */
export async function gatherExamples(
  options: GatherOptions,
  preprocessing: Preprocessing,
  index: number,
): Promise<Recording> {
  const { from, count, everyMs, camera = {}, signal, onFrame, onNotice } = options;
  const stats = statSync(from, { throwIfNoEntry: false });
  // A folder or a file may bear the name of a source.
  const found = stats?.isDirectory() || stats?.isFile() ? parseSource(from, undefined) : undefined;
  if (found?.kind === 'folder') {
    const paths = await listPictures([from]);
    return { examples: paths.map((path) => exampleOfFile({ path, index }, preprocessing)) };
  }
  const wish = { name: from, count, everyMs: everyMs ?? EVERY_MS, index };
  if (found?.kind === 'file' && everyMs === undefined) {
    const plan = await planVideo(found, camera);
    return await recordVideo(plan, wish, preprocessing, (done) => onFrame?.(done, undefined), signal);
  }
  const source = await openCamera(from, { ...camera, notify: onNotice });
  try {
    return await record(source, wish, preprocessing, (done) => onFrame?.(done, count), signal);
  } finally {
    await source.close();
  }
}
