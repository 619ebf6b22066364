import { basename, dirname, join } from 'node:path';
import type { ReportData, ReportPicture } from '../../../converter/report/data.ts';
import { renderReport } from '../../../converter/report/report.ts';
import { TARGET_SUMMARIES } from '../../../converter/targets/names.ts';
import type { WorstPicture } from '../../../converter/worst-pictures.ts';
import { ResedgeError } from '../../errors.ts';
import { fromInput } from '../../image/from-input.ts';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { loadSharp } from '../image/load-sharp.ts';
import type { ConvertedFile, ConvertFileOptions } from './converted-file.ts';
import type { JudgedPictures } from './judged.ts';
import type { Measured } from './latency.ts';

export type ReportSource = {
  readonly options: NonNullable<ConvertFileOptions['int8']>;
  readonly converted: ConvertedFile;
  /** Paths of the calibration pictures that were used, in order. */
  readonly used: readonly string[];
  readonly judged?: JudgedPictures;
  readonly measured?: Measured;
};

/** The page of `--report` as bytes. */
export async function reportPage(source: ReportSource): Promise<readonly Uint8Array[]> {
  return [new TextEncoder().encode(renderReport(await reportData(source)))];
}

/** Everything that the page shows. */
export async function reportData({ options, converted, used, judged, measured }: ReportSource): Promise<ReportData> {
  const { network, conversion, bytes, sourceBytes, warnings, ms } = converted;
  const { metadata, foldedLayers, maxAbsError, int8 } = conversion;
  if (!int8) throw new ResedgeError('internal', 'expected an INT8 conversion to report on');
  const { floor } = options;
  return {
    metadata,
    network: network.description,
    parameters: network.parameters,
    foldedLayers,
    maxAbsError,
    int8,
    scheme: options.recipe.scheme,
    ...(converted.target ? { target: TARGET_SUMMARIES[converted.target.target] } : {}),
    ...(floor.sqnrDb > Number.NEGATIVE_INFINITY || floor.agreement > 0 ? { floor } : {}),
    calibration: calibrationOf(
      options.calibrate,
      used.length - (int8.judgement.generated || options.validate !== undefined ? 0 : int8.judgement.pictures),
    ),
    bytes: { weights: sourceBytes, int8: bytes, ...(measured ? { float: measured.floatBytes } : {}) },
    ...(measured ? { latency: measured.latency } : {}),
    pictures: int8.judgement.generated ? [] : await shown(int8.worst, metadata.preprocessing, judged),
    ...(options.validate === undefined ? {} : { validation: options.validate }),
    ...(converted.price ? { price: converted.price } : {}),
    warnings: [
      ...warnings,
      ...int8.floatNodes.map(({ name, op }) => `${name} (${op}) stays in float: it has no integer kernel`),
    ],
    ms,
  };
}

function calibrationOf(calibrate: string, pictures: number): string {
  if (calibrate === 'none') return 'batch norm alone';
  return pictures > 0 ? `${pictures} pictures in ${calibrate}` : `the calibration table ${basename(calibrate)}`;
}

async function shown(
  worst: readonly WorstPicture[],
  preprocessing: Preprocessing,
  judged: JudgedPictures | undefined,
): Promise<readonly ReportPicture[]> {
  const sharp = await loadSharp();
  return Promise.all(
    worst.map(async ({ input, ...picture }) => {
      const { data, width, height } = fromInput(input, preprocessing);
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const path = judged?.pathOf(picture.index) ?? '';
      const name = join(basename(dirname(path)), basename(path));
      return { ...picture, name, side: width, source: `data:image/png;base64,${png.toString('base64')}` };
    }),
  );
}
