import { featureModel } from '../../converter/head/feature-model.ts';
import { findHead, type Head } from '../../converter/head/find-head.ts';
import { type FeatureMemory, rememberedPerClass } from '../../converter/head/memory.ts';
import { rememberFor } from '../../converter/head/remember-for.ts';
import { taughtModel } from '../../converter/head/taught-model.ts';
import { type PictureFeatures, validateHead } from '../../converter/train/head-folds.ts';
import { describeRecipe, HEAD_RECIPE } from '../../converter/train/head-recipe.ts';
import { learnedFrom } from '../../converter/train/learned-from.ts';
import { ResedgeError } from '../errors.ts';
import { toInput } from '../image/to-input.ts';
import { decodeModel } from '../onnx/decode.ts';
import { concat, streamModel } from '../onnx/encode.ts';
import { identify } from '../onnx/identify.ts';
import { METADATA_KEYS } from '../onnx/metadata.ts';
import { scoresOf } from '../runtime/scores.ts';
import { type OpenModelOptions, openModel } from './open-model.ts';
import { type Picture, readPicture } from './read-picture.ts';

/** A class by its name, and features [width] of each of its examples. */
export type TaughtClass = { readonly name: string; readonly rows: readonly Float32Array[] };

export type TaughtFile = {
  readonly bytes: Uint8Array;
  /** Share of the examples that heads which had not seen them name right. */
  readonly accuracy: number;
};

/** A model that is taught new classes in place of its own. */
export type Teacher = {
  /** What the model makes of a picture, [width]. */
  readonly featuresOf: (picture: Picture) => Promise<Float32Array>;
  /** Trains a head of these classes, of two examples each at least, and stores it in the model by the model's own scheme. */
  readonly teach: (classes: readonly TaughtClass[]) => TaughtFile;
  readonly close: () => Promise<void>;
};

/**
 * Opens the model of these bytes without its head; `sha256` is their hash. Throws `unsupported` for a model whose head cannot be replaced,
 * and as `openModel`.
 */
export async function openTeacher(bytes: Uint8Array, sha256: string, options: OpenModelOptions): Promise<Teacher> {
  const metadata = identify('model', bytes);
  const model = decodeModel(bytes);
  const head = findHead(model);
  const entries = new Map(model.metadata);
  entries.delete(METADATA_KEYS.memory);
  const opened = await openModel(concat(streamModel({ ...featureModel(model), metadata: entries })), options);
  return {
    featuresOf: async (picture) => {
      const pixels = await readPicture(picture, metadata.preprocessing);
      const { data } = await scoresOf(opened.session, toInput(pixels, metadata.preprocessing));
      if (data.every(Number.isFinite)) return data.slice();
      throw new ResedgeError('input', 'expected finite features, the model gives NaN or infinity: convert it again');
    },
    teach: (classes) => {
      const data = gather(classes, head.features);
      const { answers, head: trained } = validateHead(data, classes.length, HEAD_RECIPE);
      if (trained.epochs === 0)
        throw new ResedgeError('input', 'expected a finite loss, it became NaN: record other examples');
      const { learned } = learnedFrom(answers, {
        base: sha256,
        pictures: classes.map(({ rows }) => rows.length),
        seed: HEAD_RECIPE.seed,
        recipe: describeRecipe(HEAD_RECIPE, trained.epochs, 0),
      });
      const labels = classes.map(({ name }) => name);
      const memory = memoryOf(head, classes);
      const taught = taughtModel({ model, metadata }, { head: trained, labels, learned, memory, seen: data.features });
      return { bytes: concat(streamModel(taught)), accuracy: learned.accuracy };
    },
    close: opened.session.close,
  };
}

/** Examples have no variants: each is one row. */
function gather(classes: readonly TaughtClass[], width: number): PictureFeatures {
  const features = joined(
    classes.flatMap(({ rows }) => rows),
    width,
  );
  const labels = Int32Array.from(classes.flatMap(({ rows }, index) => rows.map(() => index)));
  return { width, features, labels, starts: Int32Array.from({ length: labels.length + 1 }, (_, row) => row) };
}

function joined(rows: readonly Float32Array[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(row, i * width);
  return out;
}

/** Of every class as many examples as may be remembered, spread over all of them. */
function memoryOf(head: Head, classes: readonly TaughtClass[]): FeatureMemory | undefined {
  const most = rememberedPerClass(classes.length, head.features);
  if (most === 0) return undefined;
  const spread = ({ rows }: TaughtClass): readonly Float32Array[] => {
    const count = Math.min(most, rows.length);
    return Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]!);
  };
  return rememberFor(
    head,
    classes.map((one) => joined(spread(one), head.features)),
  );
}
