import type { Target } from './target.ts';

/** A text file of a bundle. */
export type TextFile = { readonly path: string; readonly text: string; readonly executable: boolean };

/** Names of files in every bundle. */
export const MODEL_FILE = 'model.onnx';
export const ENTRY = 'dist/src/cli/board.js';
const PLACE = '/opt/resedge';
const IMAGE = 'node:20-bookworm-slim';

/** The scripts of a bundle and, for Linux, what starts it with the system or in a container. */
export function writeScripts(target: Target, docker: boolean): readonly TextFile[] {
  const { platform, profile } = target;
  if (platform === 'win32') return [file('resedge.cmd', command(profile.id)), file('start.cmd', startCommand())];
  return [
    file('resedge', shell(profile.id), true),
    file('start.sh', startShell(), true),
    ...(platform !== 'linux'
      ? []
      : [docker ? file('Dockerfile', dockerfile()) : file('resedge.service', unit(profile.name))]),
  ];
}

const file = (path: string, text: string, executable = false): TextFile => ({ path, text, executable });

function shell(device: string): string {
  return `#!/bin/sh
# resedge on this device: ./resedge --help lists what it does.
here=$(dirname "$(readlink -f "$0")")
if ! command -v node >/dev/null; then
  echo 'resedge: expected Node.js 20.19 or later, found none in the search path' >&2
  exit 1
fi
export RESEDGE_DEVICE="\${RESEDGE_DEVICE:-${device}}"
exec node "$here/${ENTRY}" "$@"
`;
}

function startShell(): string {
  return `#!/bin/sh
# Says what the camera sees, a line whenever that changes; RESEDGE_CAMERA names another source, options are passed on.
here=$(dirname "$(readlink -f "$0")")
exec "$here/resedge" camera "\${RESEDGE_CAMERA:-auto}" --model "$here/${MODEL_FILE}" "$@"
`;
}

function command(device: string): string {
  return `@echo off\r
if not defined RESEDGE_DEVICE set RESEDGE_DEVICE=${device}\r
node "%~dp0${ENTRY.replaceAll('/', '\\')}" %*\r
`;
}

function startCommand(): string {
  return `@echo off\r
if not defined RESEDGE_CAMERA set RESEDGE_CAMERA=auto\r
"%~dp0resedge.cmd" camera "%RESEDGE_CAMERA%" --model "%~dp0${MODEL_FILE}" %*\r
`;
}

function unit(device: string): string {
  return `[Unit]
Description=resedge: what the camera of this ${device.replaceAll(/[^\w .()-]/g, '')} sees
After=network-online.target
Wants=network-online.target

[Service]
WorkingDirectory=${PLACE}
ExecStart=${PLACE}/start.sh
Environment=RESEDGE_CAMERA=auto
DynamicUser=yes
SupplementaryGroups=video
CacheDirectory=resedge
Environment=XDG_CACHE_HOME=/var/cache
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
}

function dockerfile(): string {
  return `FROM ${IMAGE}
# ffmpeg reads USB cameras and network streams.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
WORKDIR ${PLACE}
COPY . .
USER node
ENTRYPOINT ["./start.sh"]
`;
}

/** The three commands from the folder to answers: copy, try, keep running. */
export function commandsOf(
  { platform, arch }: Target,
  docker: boolean,
  folder: string,
): readonly [string, string, string] {
  const name = folder.replace(/[\\/]+$/, '');
  const quoted = /^[\w./:@-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  if (platform === 'win32') {
    return [`copy the folder ${name} to the device`, `resedge classify photo.jpg --model ${MODEL_FILE}`, 'start'];
  }
  if (docker) {
    return [
      `docker build --platform linux/${arch === 'x64' ? 'amd64' : arch} -t resedge ${quoted}`,
      'docker run --rm -v "$PWD:/pictures" --entrypoint ./resedge resedge classify /pictures/photo.jpg --model model.onnx',
      'docker run -d --restart unless-stopped --device /dev/video0 --group-add video resedge',
    ];
  }
  if (platform === 'darwin') {
    return [
      `rsync -a ${quoted}/ user@mac:resedge/`,
      `./resedge classify photo.jpg --model ${MODEL_FILE}`,
      './start.sh',
    ];
  }
  return [
    `rsync -a ${quoted}/ user@device:resedge/`,
    `cd resedge && ./resedge classify photo.jpg --model ${MODEL_FILE}`,
    `sudo cp -r . ${PLACE} && sudo systemctl enable --now ${PLACE}/resedge.service`,
  ];
}
