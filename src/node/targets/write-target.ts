import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Conversion } from '../../../converter/conversion.ts';
import { CALIBRATION_FILE, MODEL_FILE } from '../../../converter/targets/readme.ts';
import type { Target } from '../../../converter/targets/target.ts';
import type { TargetUsage } from '../../../converter/targets/types.ts';
import { ResedgeError } from '../../errors.ts';
import { expectPlace, placeFolder } from '../bundle/place-folder.ts';
import { expectWritable, writeWhole } from '../write-whole.ts';
import { writeNpy } from './npy.ts';
import { expectOrtWriter, toOrtFormat } from './ort-format.ts';
import type { TargetPictures } from './pictures.ts';

/** What was written for a target. */
export type WrittenTarget = {
  readonly target: Target['name'];
  /** The model's path. */
  readonly model: string;
  /** Of the model alone. */
  readonly bytes: number;
  /** What to run next. */
  readonly commands: readonly string[];
};

/** Throws before any work where a target could not be written to `output`. */
export function expectTargetPlace(
  { output: kind, name }: Target,
  output: string,
  sources: readonly (string | undefined)[],
): void {
  if (kind === 'folder') {
    const there = sources.flatMap((path) => (path !== undefined && existsSync(path) ? [path] : []));
    expectPlace(output, 'never', there);
    return;
  }
  if (kind === 'ort' && !output.endsWith('.ort')) {
    throw new ResedgeError(
      'usage',
      `--target ${name} writes ONNX Runtime's format: expected -o <model.ort>, received ${output}`,
    );
  }
  if (kind === 'ort') expectOrtWriter();
  expectWritable(output, sources);
}

/** Writes a model as a target takes it, a file or a folder, whole or not at all. */
export async function writeTarget(
  target: Target,
  output: string,
  { model, metadata, ports }: Pick<Conversion, 'model' | 'metadata' | 'ports'>,
  pictures?: TargetPictures,
): Promise<WrittenTarget> {
  const { name } = target;
  const usage = (shown: number): TargetUsage => target.usage({ output, metadata, ...ports, pictures: shown });
  if (target.output !== 'folder') {
    const bytes = writeWhole(output, target.output === 'ort' ? [await toOrtFormat(model)] : model);
    return { target: name, model: output, bytes, commands: usage(0).commands };
  }
  return await placeFolder(output, async (folder) => {
    const { inputSize } = metadata.preprocessing;
    const dims = [inputSize, inputSize, 3];
    const array = join(folder, CALIBRATION_FILE);
    const shown = pictures ? await writeNpy(array, pictures.pixels, dims, pictures.count) : 0;
    const { model: place = MODEL_FILE, files, commands } = usage(shown);
    const bytes = writeWhole(join(folder, place), model);
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return { target: name, model: join(output, place), bytes, commands };
  });
}
