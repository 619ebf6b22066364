import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type ConvertOptions, convert } from '../../../converter/convert.ts';
import { readNetwork } from '../../../converter/network.ts';
import { formatTable, type Table } from '../../../converter/quantize/table.ts';
import { defaultInputSize } from '../../../converter/resnet/architecture.ts';
import { ResedgeError } from '../../errors.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { isInstalled } from '../backend/installed.ts';
import { runModel } from '../backend/runner.ts';
import { readBytes } from '../files.ts';
import { packageProducer } from '../package.ts';
import { expectWritable, writeWhole } from '../write-whole.ts';
import { about } from './about.ts';
import { openCalibration, type PictureLog } from './calibration.ts';
import type { ConvertedFile, ConvertFileOptions } from './converted-file.ts';
import { numberedLabels, readLabels } from './labels.ts';
import type { Measured } from './latency.ts';

/** ImageNet's channel means and standard deviations, as torchvision states them. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 } as const;
/** Fewer calibration pictures than this say little about the ranges. */
const FEW_PICTURES = 8;

/** Converts a weights file into an ONNX file, which appears whole or not at all. */
export async function convertFile(options: ConvertFileOptions): Promise<ConvertedFile> {
  const started = performance.now();
  expectOutputs(options);
  const bytes = readBytes(options.weights, 'a weights file');
  const sourceBytes = bytes.length;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const network = about(options.weights, () => readNetwork(bytes, options.arch));
  const preprocessing = completePreprocessing(options.preprocessing, defaultInputSize(network.architecture));
  const warnings = [...providerWarnings(), ...network.warnings.map((warning) => `${options.weights}: ${warning}`)];
  const { classes } = network.architecture.head;
  const { labels } = options;
  const names =
    labels === undefined
      ? numberedLabels(classes)
      : typeof labels === 'string'
        ? readLabels(labels, classes)
        : { labels };
  const log: PictureLog = { used: [], skipped: [] };
  const { skipped } = log;
  const calibration =
    options.int8 &&
    (await openCalibration({ path: options.int8.calibrate, ...options.int8 }, preprocessing, sha256, log));

  const float: ConvertOptions = {
    preprocessing,
    ...names,
    source: { file: basename(options.weights), sha256 },
    ...(options.licence === undefined ? {} : { licence: options.licence }),
    producer: packageProducer(),
  };
  const conversion = await convert(
    network,
    {
      ...float,
      ...(options.int8 && calibration
        ? {
            int8: {
              recipe: options.int8.recipe,
              calibration,
              ...(options.int8.report === undefined ? {} : { stepwise: true }),
            },
          }
        : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    },
    runModel,
  );
  const pictures = calibration?.kind === 'pictures' ? calibration.count : 0;
  const used = pictures - skipped.length;
  const converted = (bytes: number): ConvertedFile => {
    const ms = performance.now() - started;
    return { network, conversion, bytes, sourceBytes, warnings, pictures, skipped, ms };
  };
  if (options.int8 && conversion.int8) {
    const refusal = refusalOf(conversion.int8.judgement, options.int8);
    if (refusal) {
      await writeReport(options.int8, converted(sizeOf(conversion.model)), log);
      throw refusal;
    }
  }
  const written = writeWhole(options.output, conversion.model);
  if (calibration?.kind === 'pictures' && used < FEW_PICTURES) warnings.push(fewPictures(used));
  if (options.int8?.saveTable !== undefined && conversion.int8) {
    const { statistics } = conversion.int8;
    if (used > 0) writeWhole(options.int8.saveTable, tableOf({ sha256, pictures: used, statistics }));
    else warnings.push('--save-table is not used: there were no pictures to make a table from');
  }
  const result = converted(written);
  if (options.int8?.report !== undefined) {
    const { measureBoth } = await import('./latency.ts');
    const { model } = await convert(network, float, runModel);
    await writeReport(options.int8, result, log, await measureBoth(model, options.output));
  }
  return result;
}

/** Throws where an output could not be written, before any work. */
function expectOutputs({ weights, output, labels, int8 }: ConvertFileOptions): void {
  const sources = [weights, typeof labels === 'string' ? labels : undefined, int8?.calibrate];
  expectWritable(output, sources);
  if (int8?.saveTable !== undefined) expectWritable(int8.saveTable, [...sources, output]);
  if (int8?.report !== undefined) expectWritable(int8.report, [...sources, output, int8.saveTable]);
}

/** An error `input` for a model that says something else than the network it was made from. */
function refusalOf(
  { sqnrDb, agreement }: { readonly sqnrDb: number; readonly agreement: number },
  { floor, report }: NonNullable<ConvertFileOptions['int8']>,
): ResedgeError | undefined {
  if (sqnrDb >= floor.sqnrDb && agreement >= floor.agreement) return undefined;
  const found = `${sqnrDb.toFixed(1)} dB and ${(100 * agreement).toFixed(1)} % agreement`;
  const wanted = `${floor.sqnrDb} dB and ${100 * floor.agreement} %`;
  const look = report === undefined ? '' : `look at ${report}, `;
  return new ResedgeError(
    'input',
    `expected the INT8 model to be within ${wanted} of FP32, it is at ${found}: ${look}check --mean, --std and the pictures, or write it all the same with --force`,
  );
}

async function writeReport(
  options: NonNullable<ConvertFileOptions['int8']>,
  converted: ConvertedFile,
  { used }: PictureLog,
  measured?: Measured,
): Promise<void> {
  if (options.report === undefined) return;
  const { reportPage } = await import('./report.ts');
  writeWhole(options.report, await reportPage({ options, converted, used, ...(measured ? { measured } : {}) }));
}

function sizeOf(model: Iterable<Uint8Array>): number {
  let bytes = 0;
  for (const chunk of model) bytes += chunk.length;
  return bytes;
}

function fewPictures(count: number): string {
  const wanted = `${FEW_PICTURES} or more, typical of use, give safer ranges`;
  return `calibrated on ${count} ${count === 1 ? 'picture' : 'pictures'}, which is few: ${wanted}`;
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
function completePreprocessing(given: Partial<Preprocessing>, defaultSize: number): Preprocessing {
  const inputSize = given.inputSize ?? defaultSize;
  // ImageNet's custom: 224 of 256. Small pictures are taken as they are.
  const resize = given.resize ?? (inputSize <= 64 ? inputSize : Math.round((inputSize * 256) / 224));
  if (resize < inputSize) {
    throw new ResedgeError('usage', `expected --resize of at least the input size ${inputSize}, received ${resize}`);
  }
  return {
    input: 'raw',
    layout: given.input === 'float' ? 'nchw' : 'nhwc',
    channels: 'rgb',
    interpolation: 'bilinear',
    ...IMAGENET,
    ...given,
    inputSize,
    resize,
  };
}
