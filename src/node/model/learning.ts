import type { Preprocessing } from '../../tensor/preprocessing.ts';
import type { FolderLearning } from '../train/learn-quantized.ts';
import type { ConvertFileOptions } from './converted-file.ts';
import type { Labels } from './labels.ts';

/** What weights learn from once more, its progress told as that of the conversion; undefined where they stay. */
export async function learningFrom(
  names: Labels,
  preprocessing: Preprocessing,
  { int8, onProgress }: ConvertFileOptions,
): Promise<FolderLearning | undefined> {
  if (int8?.learn === undefined) return undefined;
  const { learnOnFolder } = await import('../train/learn-quantized.ts');
  return await learnOnFolder(names, preprocessing, {
    ...int8.learn,
    onReading: (done, total) => onProgress?.('read', done, total),
    onStep: ({ epoch, step, steps }) =>
      onProgress?.('learn', (epoch - 1) * steps + step, steps * (int8.learn?.recipe.epochs ?? epoch)),
  });
}
