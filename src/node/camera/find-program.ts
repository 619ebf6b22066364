import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ResedgeError } from '../../errors.ts';

export type ProgramName = 'ffmpeg' | 'gst-launch-1.0' | 'rpicam-vid' | 'libcamera-vid';

export type Version = readonly [major: number, minor: number];

type Facts = { readonly install: string; readonly oldest: Version };

const GSTREAMER =
  'sudo apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav';

/** How each program is installed on Debian and its kin, and the oldest version whose options are used. */
const PROGRAMS: Readonly<Record<ProgramName, Facts>> = {
  ffmpeg: { install: 'sudo apt install ffmpeg', oldest: [4, 1] },
  'gst-launch-1.0': { install: GSTREAMER, oldest: [1, 14] },
  'rpicam-vid': { install: 'sudo apt install rpicam-apps-lite', oldest: [1, 4] },
  'libcamera-vid': { install: 'sudo apt install libcamera-apps-lite', oldest: [1, 0] },
};

const VERSION_TIMEOUT_MS = 5000;

/** The first executable of this name in the search path. */
export function findProgram(name: string, path: string = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first of these programs that is installed. Throws `unavailable` with the command that installs the first, if none is. */
export function firstInstalled<T extends { readonly program: ProgramName }>(
  recipes: readonly T[],
  what: string,
): { readonly recipe: T; readonly path: string } {
  for (const recipe of recipes) {
    const path = findProgram(recipe.program);
    if (path !== undefined) return { recipe, path };
  }
  const names = recipes.map(({ program }) => program).join(' or ');
  const { install } = PROGRAMS[recipes[0]!.program];
  throw new ResedgeError('unavailable', `${what}: expected ${names}, not installed: ${install}`);
}

/** A program's version as it states it; a build without a number counts as new. Throws `unavailable` for one that is too old. */
export async function checkVersion(program: ProgramName, path: string): Promise<Version> {
  const { install, oldest } = PROGRAMS[program];
  const version = parseVersion(await ask(path, program));
  const [major, minor] = version;
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return version;
  throw new ResedgeError(
    'unavailable',
    `expected ${program} ${oldest.join('.')} or later, ${path} is ${version.join('.')}: ${install}`,
  );
}

export function parseVersion(text: string): Version {
  const found = /\b(?:version|build:)\s+[nv]?(\d+)\.(\d+)/i.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : [Number.MAX_SAFE_INTEGER, 0];
}

function ask(path: string, program: ProgramName): Promise<string> {
  const flag = program === 'ffmpeg' ? '-version' : '--version';
  return new Promise((resolve, reject) => {
    execFile(path, [flag], { timeout: VERSION_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else {
        const said = stderr.trim().split('\n').at(-1) || error.message.split('\n')[0];
        reject(new ResedgeError('unavailable', `expected ${path} to start, ${said}: ${PROGRAMS[program].install}`));
      }
    });
  });
}
