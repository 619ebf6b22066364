import { type Command, Option } from 'commander';
import type { Conversion } from '../../converter/convert.ts';
import { CORRECTION_NAMES, type Recipe } from '../../converter/quantize/recipe.ts';
import type { Architecture } from '../../converter/resnet/architecture.ts';
import { ResedgeError } from '../errors.ts';
import type { ConvertedFile, ConvertFileOptions } from '../node/model/converted-file.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import { SCHEME_NAMES, type SchemeName } from '../tensor/quantization.ts';
import { corrections, divisors, FLOOR, perChannel, realNumber, share, wholeNumber } from './options.ts';
import { byteSize, fields, note, noteSkipped, percent, print, progress } from './print.ts';

const MAX_SIDE = 8192;
const MAX_SAMPLES = 1_000_000;
const MAX_SEED = 2 ** 32 - 1;
/** Layers named as the least faithful. */
const WEAKEST = 3;
const NO_FLOOR = { sqnrDb: Number.NEGATIVE_INFINITY, agreement: 0 } as const;

type Flags = {
  readonly output: string;
  readonly arch: string;
  readonly device?: string;
  readonly precision?: 'int8' | 'fp16' | 'fp32';
  readonly scheme?: SchemeName;
  readonly calibrate?: string;
  readonly saveTable?: string;
  readonly samples: number;
  readonly seed: number;
  readonly method: 'auto' | 'minmax' | 'percentile' | 'entropy' | 'mse';
  readonly corrections: Recipe['corrections'];
  readonly minSqnr: number;
  readonly minAgreement: number;
  readonly force?: boolean;
  readonly inputSize?: number;
  readonly resize?: number;
  readonly mean?: Preprocessing['mean'];
  readonly std?: Preprocessing['std'];
  readonly scale?: number;
  readonly channels?: Preprocessing['channels'];
  readonly labels?: string;
  readonly report?: string;
  readonly input: Preprocessing['input'];
  readonly layout?: Preprocessing['layout'];
  readonly json?: boolean;
};

export function addConvert(program: Command): Command {
  return program
    .command('convert <weights>')
    .description('convert trained ResNet weights to an ONNX file, INT8 unless told otherwise')
    .requiredOption('-o, --output <model.onnx>', 'the file to write')
    .option('--arch <name>', 'the network; auto reads it from tensor names and shapes', 'auto')
    .option('--device <profile>', 'precision and scheme of that device (default: a file that is right everywhere)')
    .addOption(new Option('--precision <name>', 'default int8').choices(['int8', 'fp16', 'fp32']))
    .addOption(new Option('--scheme <name>', "quantization scheme (default: the profile's)").choices([...SCHEME_NAMES]))
    .option('--calibrate <source>', 'a folder of pictures, a calibration table, or none')
    .option('--save-table <file.json>', 'write the calibration table, to be used again')
    .option('--samples <n>', 'pictures to calibrate on', wholeNumber(1, MAX_SAMPLES), 256)
    .option('--seed <n>', 'of the sample', wholeNumber(0, MAX_SEED), 0)
    .addOption(
      new Option('--method <name>', "how ranges are chosen; auto is the quantizer's best")
        .choices(['auto', 'minmax', 'percentile', 'entropy', 'mse'])
        .default('auto'),
    )
    .option('--corrections <names>', 'auto, all, none, or some of bias,streams,rounding', corrections, 'auto')
    .option('--min-sqnr <dB>', 'refuse a model less faithful than this', realNumber(-200, 200), FLOOR.sqnrDb)
    .option('--min-agreement <share>', 'refuse a model that agrees with FP32 on fewer pictures', share, FLOOR.agreement)
    .option('--force', 'write the model whatever its fidelity')
    .option('--input-size <px>', "side of the model's input", wholeNumber(1, MAX_SIDE))
    .option('--resize <px>', 'shorter side of a picture before the crop', wholeNumber(1, MAX_SIDE))
    .option('--mean <a,b,c>', "channel means (default: ImageNet's)", perChannel)
    .option('--std <a,b,c>', "channel standard deviations (default: ImageNet's)", divisors)
    .option('--scale <n>', 'what a pixel is divided by first (default: 255)', realNumber(0, 1e6))
    .addOption(new Option('--channels <order>', 'default rgb').choices(['rgb', 'bgr']))
    .option('--labels <file>', 'class names, one a line or JSON')
    .addOption(
      new Option('--input <kind>', 'raw: uint8 [N,H,W,3] RGB; float: normalised float32')
        .choices(['raw', 'float'])
        .default('raw'),
    )
    .addOption(new Option('--layout <name>', 'of a float input, default nchw').choices(['nchw', 'nhwc']))
    .option('--report <file.html>', 'write a page that shows what was done to every layer')
    .option('--json', 'print JSON and nothing else')
    .action(runConvert);
}

async function runConvert(weights: string, flags: Flags): Promise<void> {
  const { runLean } = await import('./lean-memory.ts');
  const code = await runLean(weights);
  if (code !== undefined) {
    process.exitCode = code;
    return;
  }
  const { convertFile } = await import('../node/model/convert-file.ts');
  const options: ConvertFileOptions = {
    weights,
    output: flags.output,
    arch: flags.arch,
    preprocessing: preprocessingOf(flags),
    ...(flags.labels === undefined ? {} : { labels: flags.labels }),
    ...(await quantizationOf(flags)),
  };
  const line = progress();
  const converted = await convertFile({
    ...options,
    onProgress: (stage, done, total) => line.show(`${stage} ${done} of ${total}`),
  }).finally(line.done);
  for (const warning of converted.warnings) note(warning);
  noteSkipped(converted.skipped, converted.pictures);
  if (flags.json) print(JSON.stringify(summary(converted)));
  else await printConverted(converted, flags.output);
}

function preprocessingOf(flags: Flags): Partial<Preprocessing> {
  const { inputSize, resize, mean, std, scale, channels, input, layout } = flags;
  if (layout !== undefined && input === 'raw') {
    throw new ResedgeError('usage', '--layout belongs to --input float: a raw input is always NHWC');
  }
  const given = { inputSize, resize, mean, std, scale, channels, layout };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { input, ...Object.fromEntries(stated) };
}

/** Precision and scheme from flags, device profile and defaults, in this order. */
async function quantizationOf(flags: Flags): Promise<Pick<ConvertFileOptions, 'int8'>> {
  const profile = flags.device === undefined ? undefined : await profileNamed(flags.device);
  const precision = flags.precision ?? profile?.precision ?? 'int8';
  if (precision === 'fp16') {
    throw new ResedgeError('unsupported', 'expected --precision int8 or fp32: fp16 files cannot be written yet');
  }
  if (precision === 'fp32') {
    const unused = (['calibrate', 'scheme', 'saveTable', 'report'] as const).filter(
      (name) => flags[name] !== undefined,
    );
    for (const name of unused) note(`--${name === 'saveTable' ? 'save-table' : name} is not used by --precision fp32`);
    return {};
  }
  const { calibrate } = flags;
  if (calibrate === undefined || calibrate === '') {
    throw new ResedgeError(
      'usage',
      'INT8 needs to know the ranges inside the network: give --calibrate <folder of pictures>, --calibrate <table.json> saved earlier, or --calibrate none (data-free)',
    );
  }
  const { schemeNamed } = await import('../../converter/quantize/scheme.ts');
  return {
    int8: {
      recipe: {
        scheme: schemeNamed(flags.scheme ?? profile?.scheme ?? 'u8s8-safe'),
        method: flags.method,
        corrections: flags.corrections,
      },
      calibrate,
      samples: flags.samples,
      seed: flags.seed,
      ...(flags.saveTable === undefined ? {} : { saveTable: flags.saveTable }),
      ...(flags.report === undefined ? {} : { report: flags.report }),
      floor: flags.force ? NO_FLOOR : { sqnrDb: flags.minSqnr, agreement: flags.minAgreement },
    },
  };
}

async function profileNamed(name: string) {
  const { loadProfile } = await import('../node/device/load-profile.ts');
  return loadProfile(name);
}

function summary({ network, conversion, bytes, ms }: ConvertedFile): Record<string, unknown> {
  const { metadata, maxAbsError, foldedLayers, int8 } = conversion;
  return {
    arch: metadata.arch,
    parameters: network.parameters,
    scheme: metadata.scheme,
    precision: metadata.precision,
    bytes,
    maxAbsError,
    foldedLayers,
    ...(int8 ? { judgement: int8.judgement, corrections: int8.corrections, steps: int8.steps } : {}),
    layers: int8?.layers ?? [],
    ms: Math.round(ms),
  };
}

/** What `convert` says to people; the demo says the same. */
export async function printConverted(converted: ConvertedFile, output: string): Promise<void> {
  const { describe } = await import('../../converter/resnet/architecture.ts');
  const { network, conversion, bytes, sourceBytes, ms } = converted;
  const { metadata, maxAbsError, foldedLayers, int8 } = conversion;
  const rows: [string, string][] = [
    ['network', describe(network.architecture satisfies Architecture)],
    ['parameters', network.parameters.toLocaleString('en')],
    ['folded', `${foldedLayers} batch norms, logits within ${maxAbsError.toExponential(1)} of the network as trained`],
  ];
  if (int8) {
    const { SCHEMES } = await import('../../converter/quantize/scheme.ts');
    const scheme = SCHEMES[metadata.scheme as SchemeName];
    const { agreement, sqnrDb, pictures, generated } = int8.judgement;
    const weakest = [...int8.layers.slice(0, -1)].sort((a, b) => a.sqnrDb - b.sqnrDb).slice(0, WEAKEST);
    rows.push(['scheme', `${scheme.name}: right for ${scheme.rightFor}`]);
    rows.push(['corrections', correctionGains(int8)]);
    const judged = generated ? `${pictures} generated pictures` : `${pictures} pictures held back`;
    rows.push(['fidelity', `${sqnrDb.toFixed(1)} dB, ${percent(agreement)} agreement with FP32 on ${judged}`]);
    rows.push(['weakest', weakest.map(({ name, sqnrDb }) => `${name} ${sqnrDb.toFixed(1)} dB`).join(', ')]);
  }
  rows.push(['file', `${output}, ${byteSize(sourceBytes)} -> ${byteSize(bytes)}, ${(ms / 1000).toFixed(1)} s`]);
  print(fields(rows));
}

/** `bias correction +0.5 dB, ...`: what each step changed on the pictures held back, or the names alone. */
function correctionGains({ corrections, steps }: NonNullable<Conversion['int8']>): string {
  if (steps.length === 0) return corrections.map((name) => CORRECTION_NAMES[name]).join(', ') || 'none';
  let before = steps[0]?.sqnrDb ?? 0;
  const gains: string[] = [];
  for (const { correction, kept, sqnrDb } of steps) {
    if (correction === undefined) continue;
    const gain = `${sqnrDb >= before ? '+' : ''}${(sqnrDb - before).toFixed(1)} dB`;
    gains.push(`${CORRECTION_NAMES[correction]} ${gain}${kept ? '' : ' (left out)'}`);
    if (kept) before = sqnrDb;
  }
  return gains.join(', ') || 'none';
}
