import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folderWith } from '../folder.ts';

/**
 * Stands for ffmpeg: writes frames of 4 x 2 as YUV4MPEG2, as many as the last but one part of the address says, and then does what the
 * last one says. Every start counts on: the first luma byte is the start's number.
 */
const FFMPEG = `
const { appendFileSync, readFileSync, writeSync } = process.getBuiltinModule('node:fs');
appendFileSync(process.argv[1] + '.starts', process.argv.slice(2).join(' ') + '\\n');
const start = readFileSync(process.argv[1] + '.starts', 'utf8').split('\\n').length - 1;
const address = process.argv[process.argv.indexOf('-i') + 1];
const [, count, then] = /(\\d+)\\/(\\w+)$/.exec(address);
writeSync(1, 'YUV4MPEG2 W4 H2 F30:1 Ip A1:1 C420jpeg\\n');
for (let i = 0; i < Number(count); i++) writeSync(1, Buffer.concat([Buffer.from('FRAME\\n'), Buffer.alloc(12, start)]));
if (then === 'hang') setInterval(() => undefined, 1000);
if (then === 'deaf') { process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); }
if (then === 'busy') { writeSync(2, address + ': Device or resource busy\\n'); process.exit(1); }
if (then === 'odd') { writeSync(2, 'cannot read ' + address + '\\n'); process.exit(3); }
if (then === 'killed') process.kill(process.pid, 'SIGKILL');
`;

/** Stands for rpicam-vid: three frames with rows padded to 64 pixels, in the layout of yuv420 that its --width and --height give. */
const RPICAM = `
const { writeSync } = process.getBuiltinModule('node:fs');
const value = (name) => Number(process.argv[process.argv.indexOf(name) + 1]);
const [width, height] = [value('--width'), value('--height')];
const stride = Math.ceil(width / 64) * 64;
const plane = (stride, rows, used, fill) => Buffer.concat(Array.from({ length: rows }, () => Buffer.concat([Buffer.alloc(used, fill), Buffer.alloc(stride - used, 99)])));
for (let i = 0; i < 3; i++) writeSync(1, Buffer.concat([plane(stride, height, width, 100 + i), plane(stride / 2, height / 2, width / 2, 128), plane(stride / 2, height / 2, width / 2, 128)]));
setInterval(() => undefined, 1000);
`;

const PROGRAMS = {
  ffmpeg: { version: 'ffmpeg version 5.1.9-stand-in', script: FFMPEG },
  'rpicam-vid': { version: 'rpicam-apps build: v1.9.0 abc', script: RPICAM },
  old: { version: 'ffmpeg version 3.4.8', script: '' },
};

/** Makes stand-ins the only programs in the search path during a test; returns the folder. */
export function onlyPrograms(programs: Readonly<Record<string, keyof typeof PROGRAMS>>): string {
  const folder = folderWith();
  for (const [name, kind] of Object.entries(programs)) {
    const { version, script } = PROGRAMS[kind];
    const path = join(folder, name);
    writeFileSync(`${path}.mjs`, script);
    const start = `case $1 in -version|--version) echo '${version}';; *) exec '${process.execPath}' '${path}.mjs' "$@";; esac`;
    writeFileSync(path, `#!/bin/sh\n${start}\n`, { mode: 0o755 });
  }
  const before = process.env['PATH'];
  process.env['PATH'] = [folder].join(delimiter);
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
  return folder;
}
