import { basename } from 'node:path';
import type { ConvertOptions, Int8Options } from '../../../converter/conversion.ts';
import { packageProducer } from '../package.ts';
import type { ConvertFileOptions } from './converted-file.ts';
import type { ConversionSources } from './open-sources.ts';

/** What the converter is told of the network in float, whatever it is to become. */
export function floatOptions(options: ConvertFileOptions, sources: ConversionSources): ConvertOptions {
  const { weights, licence, file, target } = options;
  const { preprocessing, labels, sha256 } = sources;
  return {
    preprocessing,
    ...labels,
    source: { file: basename(weights), sha256 },
    ...(licence === undefined ? {} : { licence }),
    producer: packageProducer(),
    ...(file ? { file } : {}),
    ...(target?.form ? { form: target.form } : {}),
  };
}

/** What the converter is told. */
export function toConvertOptions(options: ConvertFileOptions, sources: ConversionSources): ConvertOptions {
  const half = sources.shown ? { pictures: sources.shown.inputs } : {};
  const int8 = int8Options(options, sources);
  return {
    ...floatOptions(options, sources),
    ...(options.fp16 ? { fp16: half } : {}),
    ...(options.stored ? { stored: half } : {}),
    ...(int8 ? { int8 } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
  };
}

function int8Options(
  { int8, target }: ConvertFileOptions,
  { calibration, judged, learning }: ConversionSources,
): Int8Options | undefined {
  if (int8 === undefined || calibration === undefined) return undefined;
  return {
    recipe: int8.recipe,
    calibration,
    ...(judged?.inputs ? { judgedOn: judged.inputs } : {}),
    ...(judged?.classOf ? { classOf: judged.classOf } : {}),
    ...(int8.budget ? { budget: int8.budget } : {}),
    ...(learning ? { learn: learning.learn } : {}),
    ...(int8.report === undefined ? {} : { stepwise: true }),
    ...(target?.centresPixels ? { centresPixels: true } : {}),
  };
}
