import { expectEnough, listClasses } from '../train/list-classes.ts';
import { expectWritable } from '../write-whole.ts';
import { readBase } from './base-model.ts';
import { exampleOfFile } from './example.ts';
import { finish } from './finish.ts';
import { showExamples } from './show-examples.ts';
import { trainOn } from './train-head.ts';
import type { Taught, TeachOptions } from './types.ts';

/**
 * Teaches a model the classes of a folder of class folders: its convolutions stay, its head is trained anew and stored by the model's own
 * scheme. The written model has run before it appears. Throws `input` for what cannot be learnt from; nothing is written then.
 */
export async function learnClasses(folder: string, options: TeachOptions): Promise<Taught> {
  const started = performance.now();
  const { model, output, report, recipe, onProgress } = options;
  expectWritable(output, [model]);
  if (report !== undefined) expectWritable(report, [model, output]);
  const base = readBase(model);
  const width = base.head.features;
  const { labels, pictures } = await listClasses(folder);
  const examples = pictures.map((picture) => exampleOfFile(picture, base.metadata.preprocessing));
  const extracted = await showExamples(base, examples, options);
  const taken = extracted.taken.map(({ example }) => example);
  if (extracted.skipped.length > 0) {
    expectEnough(folder, { labels, pictures: taken.map(({ name, index }) => ({ path: name, index })) }, 'readable');
  }
  onProgress?.('head', 0, 1);
  const shown = extracted.taken.map(({ example, features }) => ({ rows: features, index: example.index }));
  const chosen = trainOn(shown, width, labels.length, recipe);
  const counts = labels.map((_, index) => taken.filter((example) => example.index === index).length);
  return await finish(
    {
      ...{ base, labels, pictures: counts, chosen, shown, extracted, started },
      listed: pictures.length,
      exampleOf: (picture) => taken[picture],
    },
    options,
  );
}
