import { MODEL_FILE } from './scripts.ts';
import type { Target } from './target.ts';

/** What a bundle's README is about. */
export type ReadmeFacts = {
  readonly target: Target;
  readonly docker: boolean;
  readonly commands: readonly [string, string, string];
  /** Of the model, as `resnet20, int8 u8s8-safe, 10 classes`. */
  readonly model: string;
  readonly version: string;
};

/** The page that goes into a bundle: what it is, what it needs, and the three commands. */
export function writeReadme({ target, docker, commands, model, version }: ReadmeFacts): string {
  const { profile, platform, arch, libc, runtime } = target;
  const [copy, tryIt, keep] = commands;
  const system = platform === 'linux' ? `${platform} ${arch} with ${libc}` : `${platform} ${arch}`;
  const notes = [
    ...(docker ? [] : [`It needs Node.js 20.19 or later for ${arch}.`]),
    ...(runtime.kind === 'wasm' ? [`It computes in WebAssembly: ${runtime.why}.`] : []),
    'It holds no converter: convert on another machine and put the new file in the place of the old one.',
    ...(platform === 'win32'
      ? []
      : ['`RESEDGE_CAMERA` names another source than the camera of the device: `./resedge camera --help`.']),
    ...profile.notes,
  ];
  return `# resedge ${version} for ${profile.name}

Runs \`${MODEL_FILE}\` (${model}) on ${system}.

\`\`\`
${copy}${docker || platform === 'win32' ? '' : '   # from the machine that made this folder'}
${tryIt}
${keep}
\`\`\`

${notes.map((note) => `- ${note}`).join('\n')}
`;
}
