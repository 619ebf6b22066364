import { type FeatureMemory, parseMemory, recall } from '../../../converter/head/memory.ts';
import { judgeAnswers } from '../../../converter/train/head-judge.ts';
import { ResedgeError } from '../../errors.ts';
import type { Learned } from '../../onnx/learned.ts';
import { METADATA_KEYS } from '../../onnx/metadata.ts';
import { comparable } from '../model/class-folders.ts';
import { expectWritable } from '../write-whole.ts';
import { type BaseModel, readBase } from './base-model.ts';
import { finish } from './finish.ts';
import { type GatherOptions, gatherExamples } from './gather-examples.ts';
import { showExamples } from './show-examples.ts';
import { type ShownPicture, trainOn } from './train-head.ts';
import type { Taught, TeachOptions } from './types.ts';

export type GrowOptions = TeachOptions & GatherOptions & { readonly label: string };

/** Fewer pictures of a class can be learnt by heart and not judged. */
const FEWEST = 2;

/**
 * Adds a class to a model that `learn` made, or extends one, from pictures of it alone: the others are learnt again from the features that
 * the model remembers. Throws `input` for a model that remembers none; nothing is written then.
 */
export async function growClass(options: GrowOptions): Promise<Taught> {
  const started = performance.now();
  const { model, output, report, label, recipe, onProgress } = options;
  expectWritable(output, [model]);
  if (report !== undefined) expectWritable(report, [model, output]);
  const base = readBase(model);
  const { learned, memory } = remembered(base);
  const width = base.head.features;
  const old = base.metadata.labels;
  const index = placeOf(label, old);
  const labels = index < old.length ? old : [...old, label];
  const { examples, shortfall } = await gatherExamples(options, base.metadata.preprocessing, index);
  if (shortfall !== undefined) options.onNotice(shortfall);
  expectPictures(options, examples.length, 'found');

  const extracted = await showExamples(base, examples, options);
  expectPictures(options, extracted.taken.length, 'readable');
  onProgress?.('head', 0, 1);
  const before = rowsOf(memory, old.length);
  const shown = [...before, ...extracted.taken.map(({ features }) => ({ rows: features, index }))];
  const known = trainOn(before, width, old.length, recipe);
  const chosen = trainOn(shown, width, labels.length, recipe);
  const pictures = labels.map((_, i) => (learned.pictures[i] ?? 0) + (i === index ? extracted.taken.length : 0));
  const taught = await finish(
    {
      ...{ base, labels, pictures, chosen, shown, extracted, started },
      listed: examples.length,
      exampleOf: (picture) => extracted.taken[picture - before.length]?.example,
    },
    options,
  );
  const others = (trained: typeof chosen) => trained.validated.answers.filter(({ truth }) => truth !== index);
  return {
    ...taught,
    grown: {
      label,
      extended: index < old.length,
      pictures: extracted.taken.length,
      others: {
        before: judgeAnswers(others(known)).accuracy,
        after: judgeAnswers(others(chosen)).accuracy,
        pictures: others(chosen).length,
      },
    },
  };
}

function remembered({ path, model, metadata, head }: BaseModel): {
  readonly learned: Learned;
  readonly memory: FeatureMemory;
} {
  const { learned } = metadata;
  const text = model.metadata.get(METADATA_KEYS.memory);
  if (learned !== undefined && text !== undefined) {
    return { learned, memory: parseMemory(text, head.classes, head.features) };
  }
  const why = learned === undefined ? 'found one of another command' : 'its classes were too many for that';
  throw new ResedgeError(
    'input',
    `${path}: expected a model of resedge learn that remembers its classes, ${why}: learn all classes from a folder of class folders`,
  );
}

/** Where a class stands among the labels, or comes to stand. Throws `input` for a name that would be taken for another. */
function placeOf(label: string, labels: readonly string[]): number {
  const like = labels.findIndex((known) => comparable(known) === comparable(label));
  if (like >= 0 && labels[like] !== label) {
    throw new ResedgeError(
      'input',
      `--add ${label}: expected a name that differs from ${labels[like]} by more than case, blanks, hyphens and underscores; to extend that class, give its name as it is`,
    );
  }
  return like < 0 ? labels.length : like;
}

function expectPictures({ label, from }: GrowOptions, count: number, how: string): void {
  if (count >= FEWEST) return;
  throw new ResedgeError(
    'input',
    `${from}: expected at least ${FEWEST} pictures of ${label}, ${how}: ${count}; no model was written`,
  );
}

function rowsOf(memory: FeatureMemory, classes: number): readonly ShownPicture[] {
  return Array.from({ length: classes }, (_, index) => {
    const rows = recall(memory, index);
    return Array.from({ length: rows.length / memory.width }, (_, i) => ({
      rows: rows.subarray(i * memory.width, (i + 1) * memory.width),
      index,
    }));
  }).flat();
}
