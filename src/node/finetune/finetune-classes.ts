import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Network } from '../../../converter/network.ts';
import { ResedgeError } from '../../errors.ts';
import { inTemporaryFolder } from '../backend/model-files.ts';
import type { Taught } from '../learn/types.ts';
import { convertFile } from '../model/convert-file.ts';
import type { ConvertFileOptions } from '../model/converted-file.ts';
import { QUANTIZED_RECIPE } from '../train/learn-quantized.ts';
import { expectWritable } from '../write-whole.ts';
import { finishTuned } from './finish-tuned.ts';
import { openBase, type TunableBase } from './open-base.ts';
import { type Lesson, readLesson } from './read-lesson.ts';
import { type TunedNetwork, tuneNetwork } from './tune-network.ts';
import type { FinetuneOptions } from './types.ts';

/** Pictures that INT8 is calibrated on. */
const SAMPLES = 256;
/** INT8 must agree with what was tuned on so many of the pictures held back, and where these are few on more than half. */
const AGREEMENT = 0.9;
const LEAST_AGREEMENT = 0.5;
/** With fewer pictures in all, one that stands between two classes is a large share of those held back. */
const ENOUGH = 80;
/** Decoded pictures may take this share of the memory. */
const HELD = 0.25;

/**
 * Tunes a trained network to the classes of a folder of class folders, converts it to INT8 and writes that as `learn`
 * does. Throws `input` for what cannot be learnt from and for a base that is quantized; nothing is written then.
 */
export async function finetuneClasses(folder: string, options: FinetuneOptions): Promise<Taught> {
  const started = performance.now();
  const { model, output, report, onProgress, signal } = options;
  expectWritable(output, [model]);
  if (report !== undefined) expectWritable(report, [model, output]);
  const base = await openBase(model);
  const memory = options.memory ?? halfOfMachine();
  const lesson = await readLesson(folder, base, options.recipe.seed, {
    held: HELD * memory,
    onPicture: (done, total) => onProgress?.('read', done, total),
    ...(signal ? { signal } : {}),
  });
  expectGoingOn(signal);
  const tuned = await tuneNetwork(base, lesson, memory, options);
  return await inTemporaryFolder(async (temporary) => {
    const path = join(temporary, 'model.onnx');
    const converted = await convertFile(conversionOf(folder, path, base, lesson, tuned, options));
    expectGoingOn(signal);
    return await finishTuned({ base, lesson, tuned, converted, path, started }, options);
  });
}

function expectGoingOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ResedgeError('io', 'stopped: no model was written');
}

function halfOfMachine(): number {
  const limited = process.constrainedMemory();
  const total = limited !== undefined && limited > 0 ? Math.min(limited, totalmem()) : totalmem();
  return total / 2;
}

function conversionOf(
  folder: string,
  output: string,
  base: TunableBase,
  lesson: Lesson,
  tuned: TunedNetwork,
  { model, scheme, recipe, quantizeAware, open, onProgress }: FinetuneOptions,
): ConvertFileOptions {
  const { labels, learning, listed } = lesson;
  const agreement = listed < ENOUGH ? LEAST_AGREEMENT : AGREEMENT;
  const network: Network = {
    ...base.network,
    classes: labels.length,
    warnings: [],
    preprocessing: base.preprocessing,
    build: () => tuned.graph,
  };
  const again = { ...QUANTIZED_RECIPE, ...quantizeAware, seed: recipe.seed };
  return {
    ...{ weights: model, output, arch: 'auto', network },
    preprocessing: { input: 'raw', layout: 'nhwc' },
    labels,
    int8: {
      recipe: { scheme, method: 'auto', corrections: 'auto' },
      calibrate: folder,
      samples: SAMPLES,
      seed: recipe.seed,
      // What has learnt once more is another network than the one it is compared with.
      floor: quantizeAware ? { sqnrDb: Number.NEGATIVE_INFINITY, agreement: 0 } : { sqnrDb: 15, agreement },
      mend: '--quantize-aware mends that, or another --scheme, as u16s8; no model was written',
      ...(quantizeAware
        ? { learn: { folder, pictures: learning.pictures, recipe: again, threads: open.threads ?? 0 } }
        : {}),
    },
    onProgress: (_, done, total) => onProgress?.('convert', done, total),
  };
}
