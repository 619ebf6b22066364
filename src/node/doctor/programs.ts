import type { Check } from './check.ts';
import type { DoctorHost } from './host.ts';

type Program = {
  readonly name: string;
  readonly args: readonly string[];
  /** Its version, in what it prints. */
  readonly version: RegExp;
  readonly use: string;
  readonly mend: string;
  /** Boards that have it; elsewhere it is not looked for. */
  readonly board?: RegExp;
};

const PROGRAMS: readonly Program[] = [
  {
    ...{ name: 'ffmpeg', args: ['-version'], version: /ffmpeg version (\S+)/ },
    ...{ use: 'cameras, films and network streams', mend: 'sudo apt-get install ffmpeg' },
  },
  {
    ...{ name: 'gst-launch-1.0', args: ['--version'], version: /GStreamer (\S+)/ },
    ...{ use: 'cameras on Jetson', mend: 'sudo apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good' },
  },
  {
    ...{ name: 'rpicam-vid', args: ['--version'], version: /(?:rpicam-apps|libcamera-apps) build: (\S+)/ },
    ...{ use: "Raspberry Pi's cameras", mend: 'sudo apt-get install rpicam-apps-lite', board: /raspberry/i },
  },
];

/** The programs that cameras and films are read with; none of them is needed for pictures. */
export async function checkPrograms({ run }: DoctorHost, board = ''): Promise<readonly Check[]> {
  const looked = PROGRAMS.filter((program) => program.board?.test(board) ?? true);
  return await Promise.all(
    looked.map(async ({ name, args, version, use, mend }): Promise<Check> => {
      const said = await run(name, args);
      return said === undefined
        ? { group: 'programs', name, state: 'missing', found: `not found; for ${use}`, mend }
        : { group: 'programs', name, state: 'ok', found: version.exec(said)?.[1] ?? 'found' };
    }),
  );
}
