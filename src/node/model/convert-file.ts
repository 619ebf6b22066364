import type { Conversion } from '../../../converter/conversion.ts';
import { convert } from '../../../converter/convert.ts';
import { formatTable, preparedAs } from '../../../converter/quantize/table.ts';
import type { ResedgeError } from '../../errors.ts';
import { isInstalled } from '../backend/installed.ts';
import { runModel } from '../backend/runner.ts';
import { writeTarget } from '../targets/write-target.ts';
import type { LearningLog } from '../train/learn-quantized.ts';
import { writeWhole } from '../write-whole.ts';
import { outOfReach, tooFine } from './budget.ts';
import { floatOptions, toConvertOptions } from './conversion-options.ts';
import type { ConvertedFile, ConvertFileOptions, Price } from './converted-file.ts';
import { expectOutputs } from './expect-outputs.ts';
import type { Measured } from './latency.ts';
import { type ConversionSources, openSources } from './open-sources.ts';
import { refusalOf } from './refusal.ts';

/** Converts a weights file into an ONNX file, which appears whole or not at all. */
export async function convertFile(options: ConvertFileOptions): Promise<ConvertedFile> {
  const started = performance.now();
  const { int8, target, output } = options;
  expectOutputs(options);
  const sources = await openSources(options);
  const conversion = await convert(sources.network, toConvertOptions(options, sources), runModel);
  const learnt = sources.learning?.log();
  const warnings = [...providerWarnings(), ...sources.warnings, ...(learnt?.warnings ?? [])];
  const soFar = (bytes: number): ConvertedFile => ({
    ...{ network: sources.network, conversion, bytes, sourceBytes: sources.bytes, warnings },
    ...countsOf(sources, learnt),
    ms: performance.now() - started,
    ...(learnt ? { learnt } : {}),
    ...(int8?.validate === undefined ? {} : { judgedOn: `pictures of ${int8.validate}` }),
  });

  const { refusal, notes } = judge(options, conversion);
  warnings.push(...notes);
  if (refusal !== undefined) {
    if (int8) await writeReport(int8, soFar(sizeOf(conversion.model)), sources);
    throw refusal;
  }
  const made = target && (await writeTarget(target, output, conversion, sources.handed));
  const written = made?.bytes ?? writeWhole(output, conversion.model);
  const place = made?.model ?? output;
  const doubt = int8 && sources.log.variety.doubt();
  if (doubt !== undefined) warnings.push(doubt);
  if (int8?.saveTable !== undefined) warnings.push(...writeTable(int8.saveTable, sources, conversion));
  const plain = conversion.int8?.plain;
  const price = plain && (await priceOf(plain, place, written));
  const result = { ...soFar(written), ...(price ? { price } : {}), ...(made ? { target: made } : {}) };
  if (int8?.report !== undefined) {
    const { model } = await convert(sources.network, floatOptions(options, sources), runModel);
    const { measureBoth } = await import('./latency.ts');
    await writeReport(int8, result, sources, await measureBoth(model, place));
  }
  return result;
}

/** What the model runner has to make do with, one line. */
function providerWarnings(): readonly string[] {
  const native = isInstalled('onnxruntime-node');
  return native.available ? [] : [`running on wasm: ${native.reason}`];
}

/** Pictures of calibration; else of what else was shown. */
function chosenPictures({ calibration, shown, handed }: ConversionSources): number {
  return calibration?.kind === 'pictures' ? calibration.count : (shown?.count ?? handed?.count ?? 0);
}

function countsOf(
  sources: ConversionSources,
  learnt: LearningLog | undefined,
): Pick<ConvertedFile, 'pictures' | 'skipped'> {
  const { judged, log } = sources;
  return {
    pictures: chosenPictures(sources) + (judged?.count ?? 0) + (learnt?.listed ?? 0),
    skipped: [...new Set([...log.skipped, ...(judged?.skipped ?? []), ...(learnt?.skipped ?? [])])],
  };
}

/** Why a model is not written, and what a user should know of one that is, one line each. */
function judge(
  { int8, fp16, stored }: ConvertFileOptions,
  conversion: Conversion,
): { readonly refusal: ResedgeError | undefined; readonly notes: readonly string[] } {
  if (fp16 && conversion.fp16) return { refusal: refusalOf(conversion.fp16.judgement, fp16, 'float16'), notes: [] };
  if (stored && conversion.stored)
    return { refusal: refusalOf(conversion.stored.judgement, stored, 'INT8'), notes: [] };
  if (int8 === undefined || conversion.int8 === undefined) return { refusal: undefined, notes: [] };
  const { budget, judgement } = conversion.int8;
  const missed = budget && !budget.reached ? outOfReach(budget, int8.recipe.scheme.name) : undefined;
  const coarse = budget && tooFine(budget);
  return {
    refusal: (int8.force ? undefined : missed) ?? refusalOf(judgement, int8, 'INT8'),
    notes: [...(missed && int8.force ? [`${missed.message} (forced)`] : []), ...(coarse === undefined ? [] : [coarse])],
  };
}

/** Writes what calibration found; says so where there was none. */
function writeTable(path: string, sources: ConversionSources, { int8 }: Conversion): readonly string[] {
  if (int8 === undefined) return [];
  const { sha256, preprocessing, log } = sources;
  const pictures = chosenPictures(sources) - log.skipped.length;
  if (pictures <= 0) return ['--save-table is not used: there were no pictures to make a table from'];
  const table = formatTable({ sha256, pictures, prepared: preparedAs(preprocessing), statistics: int8.statistics });
  writeWhole(path, [new TextEncoder().encode(table)]);
  return [];
}

async function writeReport(
  options: NonNullable<ConvertFileOptions['int8']>,
  converted: ConvertedFile,
  { log: { used }, judged }: ConversionSources,
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
