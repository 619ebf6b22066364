import { basename } from 'node:path';
import type { Calibration } from '../../../converter/calibrate.ts';
import type { ConvertOptions } from '../../../converter/conversion.ts';
import { convert } from '../../../converter/convert.ts';
import type { Network } from '../../../converter/network.ts';
import { formatTable, preparedAs, type Table } from '../../../converter/quantize/table.ts';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { isInstalled } from '../backend/installed.ts';
import { runModel } from '../backend/runner.ts';
import { readBytes } from '../files.ts';
import { packageProducer } from '../package.ts';
import { openTargetPictures } from '../targets/pictures.ts';
import { writeTarget } from '../targets/write-target.ts';
import { writeWhole } from '../write-whole.ts';
import { outOfReach, tooFine } from './budget.ts';
import { openCalibration, type PictureLog } from './calibration.ts';
import type { ConvertedFile, ConvertFileOptions, Price } from './converted-file.ts';
import { expectOutputs } from './expect-outputs.ts';
import { type JudgedPictures, openJudged } from './judged.ts';
import { type Labels, numberedLabels, readLabels } from './labels.ts';
import type { Measured } from './latency.ts';
import { learningFrom } from './learning.ts';
import { openNetwork } from './open-network.ts';
import { refusalOf } from './refusal.ts';
import { sha256Hex, sourceFiles } from './source-files.ts';
import { pictureVariety } from './variety.ts';

/** ImageNet's channel means and standard deviations, as torchvision states them. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 } as const;

/** Converts a weights file into an ONNX file, which appears whole or not at all. */
export async function convertFile(options: ConvertFileOptions): Promise<ConvertedFile> {
  const started = performance.now();
  expectOutputs(options);
  const bytes = readBytes(options.weights, 'a weights file');
  const digest = sha256Hex(bytes);
  const network = options.network ?? (await openNetwork(options.weights, bytes, digest, options.arch));
  const { bytes: sourceBytes, sha256 } = sourceFiles(options.weights, bytes, digest);
  const preprocessing = completePreprocessing(options.preprocessing, network.preprocessing);
  const warnings = [...providerWarnings(), ...network.warnings.map((warning) => `${options.weights}: ${warning}`)];
  const { classes } = network;
  const { labels } = options;
  const names =
    labels === undefined ? labelsOf(network) : typeof labels === 'string' ? readLabels(labels, classes) : { labels };
  const variety = pictureVariety();
  const log: PictureLog = { used: [], skipped: [], variety };
  const { skipped } = log;
  const calibration =
    options.int8 &&
    (await openCalibration({ path: options.int8.calibrate, ...options.int8 }, preprocessing, sha256, log));
  const judged = options.int8 && (await openJudged(options.int8, names, preprocessing, log));
  if (judged?.note !== undefined) warnings.push(judged.note);
  const learning = options.int8?.learn && (await learningFrom(names, preprocessing, options));
  if (learning?.note !== undefined && learning.note !== judged?.note) warnings.push(learning.note);
  const shownFrom = options.fp16 ?? options.stored;
  const shown = shownFrom && (await openShown(shownFrom, preprocessing, sha256, log));
  const { target } = options;
  const order = target?.calibrates === 'model' ? preprocessing.channels : 'rgb';
  const handed =
    options.targetPictures && (await openTargetPictures(options.targetPictures, preprocessing, order, log));

  const float: ConvertOptions = {
    preprocessing,
    ...names,
    source: { file: basename(options.weights), sha256 },
    ...(options.licence === undefined ? {} : { licence: options.licence }),
    producer: packageProducer(),
    ...(options.file ? { file: options.file } : {}),
    ...(target?.form ? { form: target.form } : {}),
  };
  const conversion = await convert(
    network,
    {
      ...float,
      ...(options.fp16 ? { fp16: shown ? { pictures: shown.inputs } : {} } : {}),
      ...(options.stored ? { stored: shown ? { pictures: shown.inputs } : {} } : {}),
      ...(options.int8 && calibration
        ? {
            int8: {
              recipe: options.int8.recipe,
              calibration,
              ...(judged?.inputs ? { judgedOn: judged.inputs } : {}),
              ...(judged?.classOf ? { classOf: judged.classOf } : {}),
              ...(options.int8.budget ? { budget: options.int8.budget } : {}),
              ...(learning ? { learn: learning.learn } : {}),
              ...(options.int8.report === undefined ? {} : { stepwise: true }),
              ...(target?.centresPixels ? { centresPixels: true } : {}),
            },
          }
        : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    },
    runModel,
  );
  const learnt = learning?.log();
  warnings.push(...(learnt?.warnings ?? []));
  const pictures = calibration?.kind === 'pictures' ? calibration.count : (shown?.count ?? handed?.count ?? 0);
  const used = pictures - skipped.length;
  const converted = (bytes: number): ConvertedFile => {
    const ms = performance.now() - started;
    return {
      ...{ network, conversion, bytes, sourceBytes, warnings, ms },
      pictures: pictures + (judged?.count ?? 0) + (learnt?.listed ?? 0),
      skipped: [...new Set([...skipped, ...(judged?.skipped ?? []), ...(learnt?.skipped ?? [])])],
      ...(learnt ? { learnt } : {}),
      ...(options.int8?.validate === undefined ? {} : { judgedOn: `pictures of ${options.int8.validate}` }),
    };
  };
  if (options.int8 && conversion.int8) {
    const { budget, judgement } = conversion.int8;
    const missed = budget && !budget.reached ? outOfReach(budget, options.int8.recipe.scheme.name) : undefined;
    if (missed && options.int8.force) warnings.push(`${missed.message} (forced)`);
    const coarse = budget && tooFine(budget);
    if (coarse !== undefined) warnings.push(coarse);
    const refusal = (options.int8.force ? undefined : missed) ?? refusalOf(judgement, options.int8, 'INT8');
    if (refusal) {
      await writeReport(options.int8, converted(sizeOf(conversion.model)), log, judged);
      throw refusal;
    }
  }
  if (options.fp16 && conversion.fp16) {
    const refusal = refusalOf(conversion.fp16.judgement, options.fp16, 'float16');
    if (refusal) throw refusal;
  }
  if (options.stored && conversion.stored) {
    const refusal = refusalOf(conversion.stored.judgement, options.stored, 'INT8');
    if (refusal) throw refusal;
  }
  const made = target && (await writeTarget(target, options.output, conversion, handed));
  const written = made?.bytes ?? writeWhole(options.output, conversion.model);
  const place = made?.model ?? options.output;
  const doubt = options.int8 && variety.doubt();
  if (doubt !== undefined) warnings.push(doubt);
  if (options.int8?.saveTable !== undefined && conversion.int8) {
    const { statistics } = conversion.int8;
    if (used > 0)
      writeWhole(
        options.int8.saveTable,
        tableOf({ sha256, pictures: used, prepared: preparedAs(preprocessing), statistics }),
      );
    else warnings.push('--save-table is not used: there were no pictures to make a table from');
  }
  const plain = conversion.int8?.plain;
  const price = plain && (await priceOf(plain, place, written));
  const result = { ...converted(written), ...(price ? { price } : {}), ...(made ? { target: made } : {}) };
  if (options.int8?.report !== undefined) {
    const { model } = await convert(network, float, runModel);
    const { measureBoth } = await import('./latency.ts');
    await writeReport(options.int8, result, log, judged, await measureBoth(model, place));
  }
  return result;
}

/** Float16 rounds every picture alike: more than this say nothing new. */
const MOST_SHOWN = 64;

/** The pictures that float16 is judged on; undefined where none were given. */
async function openShown(
  { calibrate, samples, seed }: NonNullable<ConvertFileOptions['fp16']>,
  preprocessing: Preprocessing,
  sha256: string,
  log: PictureLog,
): Promise<Extract<Calibration, { readonly kind: 'pictures' }> | undefined> {
  if (calibrate === undefined) return undefined;
  const source = { path: calibrate, samples: Math.min(samples, MOST_SHOWN), seed };
  const opened = await openCalibration(source, preprocessing, sha256, log);
  return opened.kind === 'pictures' ? opened : undefined;
}

/** The source's own labels, or numbers. */
function labelsOf({ labels, labelIds, classes }: Network): Labels {
  if (labels === undefined) return numberedLabels(classes);
  return labelIds === undefined ? { labels } : { labels, labelIds };
}

async function writeReport(
  options: NonNullable<ConvertFileOptions['int8']>,
  converted: ConvertedFile,
  { used }: PictureLog,
  judged: JudgedPictures | undefined,
  measured?: Measured,
): Promise<void> {
  if (options.report === undefined) return;
  const { reportPage } = await import('./report.ts');
  writeWhole(
    options.report,
    await reportPage({ options, converted, used, ...(judged ? { judged } : {}), ...(measured ? { measured } : {}) }),
  );
}

async function priceOf(plain: Iterable<Uint8Array>, mixed: string, bytes: number): Promise<Price> {
  const { measurePrice } = await import('./latency.ts');
  return await measurePrice(plain, mixed, bytes);
}

function sizeOf(model: Iterable<Uint8Array>): number {
  let bytes = 0;
  for (const chunk of model) bytes += chunk.length;
  return bytes;
}

function tableOf(table: Table): readonly Uint8Array[] {
  return [new TextEncoder().encode(formatTable(table))];
}

/** What the model runner has to make do with, one line. */
function providerWarnings(): readonly string[] {
  const native = isInstalled('onnxruntime-node');
  return native.available ? [] : [`running on wasm: ${native.reason}`];
}

/** Fills in what the user left open. Throws `usage` for values that no picture could have. */
export function completePreprocessing(given: Partial<Preprocessing>, source: Network['preprocessing']): Preprocessing {
  const inputSize = given.inputSize ?? source.inputSize;
  const stated = inputSize === source.inputSize ? source.resize : undefined;
  // ImageNet's custom: 224 of 256. Small pictures are taken as they are.
  const resize = given.resize ?? stated ?? (inputSize <= 64 ? inputSize : Math.round((inputSize * 256) / 224));
  if (resize < inputSize) {
    throw new ResedgeError('usage', `expected --resize of at least the input size ${inputSize}, received ${resize}`);
  }
  return {
    input: 'raw',
    channels: 'rgb',
    interpolation: 'bilinear',
    ...IMAGENET,
    ...source,
    layout: given.input === 'float' ? (source.layout ?? 'nchw') : 'nhwc',
    ...given,
    inputSize,
    resize,
  };
}
