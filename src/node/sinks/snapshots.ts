import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ResedgeError } from '../../errors.ts';
import type { Pixels } from '../../image/pixels.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';
import { reasonOf } from '../files.ts';
import { loadSharp } from '../image/load-sharp.ts';
import { toJpeg } from '../image/to-jpeg.ts';
import { makeFolders } from '../make-folders.ts';
import type { Sink } from './types.ts';

/** An event and the frame that caused it. */
export type Snapshot = { readonly event: CameraEvent; readonly picture: Pixels };

export type SnapshotOptions = {
  readonly folder: string;
  /** Pictures that stay, the newest. */
  readonly keep: number;
  /** Milliseconds after which a picture goes. */
  readonly keepMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const QUALITY = 85;
/** Names of snapshots, which sort by time; nothing else in the folder is ever removed. */
const NAME = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)-\d+-(entered|left|crossed)-[^/]*\.jpg$/;
/** Longest part of a label in a name. */
const MAX_LABEL = 60;

/**
 * Writes the frame of each event into a folder as a JPEG, whole or not at all, and removes old ones. Throws `io`, and `unavailable` where
 * there is no encoder.
 */
export async function openSnapshots(options: SnapshotOptions): Promise<Sink<Snapshot>> {
  const { folder } = options;
  try {
    makeFolders(folder);
    await tidy(options);
  } catch (cause) {
    throw new ResedgeError('io', `${folder}: expected a folder for snapshots, ${reasonOf(cause)}`, { cause });
  }
  // Where it is missing, that shows now and not at the first event.
  await loadSharp();
  return {
    name: folder,
    deliver: async ({ event, picture }) => {
      await writeBeside(join(folder, snapshotName(event)), await toJpeg(picture, { quality: QUALITY }));
      await tidy(options);
    },
    close: async () => undefined,
  };
}

/** The file of an event's snapshot: its time, frame, kind and label. */
export function snapshotName({ time, frame, kind, label }: CameraEvent): string {
  const plain = label
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, MAX_LABEL);
  return `${time.replaceAll(':', '-')}-${frame}-${kind}-${plain}.jpg`;
}

/** As `writeWhole`, without keeping this thread: a card may take a second to confirm. */
async function writeBeside(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    const file = await open(partial, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Removes the snapshots that are too many or too old. */
async function tidy({ folder, keep, keepMs, now }: SnapshotOptions): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  const oldest = now() - keepMs;
  const excess = names.length - keep;
  const gone = names.filter((name, i) => i < excess || Date.parse(name.replace(NAME, '$1$2:$3:$4')) < oldest);
  await Promise.all(gone.map((name) => rm(join(folder, name), { force: true })));
}
