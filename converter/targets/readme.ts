import type { ModelMetadata } from '../../src/onnx/metadata.ts';
import type { TargetFacts } from './types.ts';

export const MODEL_FILE = 'model.onnx';
export const LABELS_FILE = 'labels.txt';
export const CALIBRATION_FILE = 'calibration.npy';
export const README_FILE = 'README.md';

/** The page in a target's folder: what lies there, what to run, how to prepare a picture, and what was not run. */
export function readme(
  { metadata, input, scores }: TargetFacts,
  texts: {
    readonly title: string;
    readonly commands: readonly string[];
    readonly files: readonly (readonly [string, string])[];
    readonly notes: readonly string[];
  },
): string {
  const { arch, precision, scheme, source, tool } = metadata;
  const port = ({ name, dtype, dims }: TargetFacts['input']): string => `\`${name}\` ${dtype} [${dims.join(', ')}]`;
  return `# ${texts.title}

${arch}, ${precision}${scheme === null ? '' : ` ${scheme}`}, made by ${tool} from ${source.file} (SHA-256 ${source.sha256}).

\`\`\`
${texts.commands.join('\n')}
\`\`\`

${texts.files.map(([name, what]) => `- \`${name}\`: ${what}`).join('\n')}

Input ${port(input)}, output ${port(scores)} (${metadata.output}). A picture: ${pictureInWords(metadata)}

${texts.notes.map((note) => `- ${note}`).join('\n')}
`;
}

/** How a picture becomes the model's pixels. */
function pictureInWords({ preprocessing: { resize, inputSize, interpolation, channels } }: ModelMetadata): string {
  const order = channels === 'rgb' ? 'RGB' : 'BGR';
  return `shorter side resized to ${resize} (${interpolation}), the middle ${inputSize} x ${inputSize} cut out, ${order}.`;
}

/** One label a line, in the order of the scores. */
export function labelsText({ labels }: ModelMetadata): string {
  return labels.map((label) => `${label.replaceAll(/[\r\n]+/g, ' ')}\n`).join('');
}

/** `(pixel / scale - mean) / std` as means and deviations in pixel units, in the model's channel order. */
export function pixelAffine({ preprocessing: { scale, mean, std } }: ModelMetadata): {
  readonly mean: readonly number[];
  readonly std: readonly number[];
} {
  const round = (value: number): number => Number((value * scale).toPrecision(7));
  return { mean: mean.map(round), std: std.map(round) };
}
