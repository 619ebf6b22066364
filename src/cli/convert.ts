import { type Command, Option } from 'commander';
import type { FileForm } from '../../converter/exchange/encode-graph.ts';
import type { Recipe } from '../../converter/quantize/recipe.ts';
import { ResedgeError } from '../errors.ts';
import type { ConvertFileOptions } from '../node/model/converted-file.ts';
import { INTERPOLATIONS, type Preprocessing } from '../tensor/preprocessing.ts';
import { SCHEME_NAMES, type SchemeName } from '../tensor/quantization.ts';
import { budgetOf, floorOf, unstated } from './budget.ts';
import { corrections } from './corrections.ts';
import { divisors, perChannel, points, realNumber, share, wholeNumber } from './options.ts';
import { note, noteSkipped, print } from './print.ts';
import { stages } from './stages.ts';
import { unusedOptions } from './unused.ts';

const MAX_SIDE = 8192;
const MAX_SAMPLES = 1_000_000;
const MAX_SEED = 2 ** 32 - 1;
const MAX_BATCH = 4096;
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
  readonly validate?: string;
  readonly maxDrop?: number;
  readonly minSqnr?: number;
  readonly minAgreement?: number;
  readonly force?: boolean;
  readonly inputSize?: number;
  readonly resize?: number;
  readonly interpolation?: Preprocessing['interpolation'];
  readonly mean?: Preprocessing['mean'];
  readonly std?: Preprocessing['std'];
  readonly scale?: number;
  readonly channels?: Preprocessing['channels'];
  readonly labels?: string;
  readonly report?: string;
  readonly batch?: number;
  readonly format?: 'qdq' | 'qoperator';
  readonly input: Preprocessing['input'];
  readonly layout?: Preprocessing['layout'];
  readonly offline?: boolean;
  readonly json?: boolean;
};

export function addConvert(program: Command): Command {
  return program
    .command('convert <weights>')
    .description('convert trained weights, or an ONNX model, to an ONNX file, INT8 unless told otherwise')
    .requiredOption('-o, --output <model.onnx>', 'the file to write')
    .option('--arch <name>', 'the network; auto reads it from tensor names and shapes', 'auto')
    .option('--device <profile>', 'precision and scheme of that device (default: a file that is right everywhere)')
    .addOption(new Option('--precision <name>', 'default int8').choices(['int8', 'fp16', 'fp32']))
    .addOption(
      new Option('--scheme <name>', "quantization scheme (default: the profile's, else u8s8-safe)").choices([
        ...SCHEME_NAMES,
      ]),
    )
    .option('--calibrate <source>', 'a folder of pictures, a calibration table, or none')
    .option('--save-table <file.json>', 'write the calibration table, to be used again')
    .option('--samples <n>', 'pictures to calibrate on', wholeNumber(1, MAX_SAMPLES), 256)
    .option('--seed <n>', 'of the sample', wholeNumber(0, MAX_SEED), 0)
    .addOption(
      new Option('--method <name>', "how ranges are chosen; auto is the quantizer's best")
        .choices(['auto', 'minmax', 'percentile', 'entropy', 'mse'])
        .default('auto'),
    )
    .option('--corrections <names>', 'auto, all, none, or some of equalize,bias,streams,rounding', corrections, 'auto')
    .option('--max-drop <points>', 'of top-1 on labelled pictures; keeps layers in higher precision for it', points)
    .option('--validate <folder>', 'labelled pictures to judge on, in class folders (default: some of --calibrate)')
    .option('--min-sqnr <dB>', `like --max-drop for the logits' SQNR ${unstated('sqnrDb')}`, realNumber(-200, 200))
    .option('--min-agreement <share>', `like --max-drop for agreement with FP32 ${unstated('agreement')}`, share)
    .option('--force', 'write the model whatever its fidelity')
    .option('--input-size <px>', "side of the model's input", wholeNumber(1, MAX_SIDE))
    .option('--resize <px>', 'shorter side of a picture before the crop', wholeNumber(1, MAX_SIDE))
    .addOption(
      new Option('--interpolation <name>', "of that resizing (default: the source's, else bilinear)").choices([
        ...INTERPOLATIONS,
      ]),
    )
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
    .addOption(
      new Option('--layout <name>', "of a float input, default the source's or nchw").choices(['nchw', 'nhwc']),
    )
    .option('--batch <n>', 'pictures in one inference, fixed in the file (default: any)', wholeNumber(1, MAX_BATCH))
    .addOption(new Option('--format <name>', 'of an INT8 file, default qdq').choices(['qdq', 'qoperator']))
    .option('--report <file.html>', 'write a page that shows what was done to every layer')
    .option('--offline', 'take a network of a hub as it was pulled before')
    .option('--json', 'print JSON and nothing else')
    .action(runConvert);
}

async function runConvert(named: string, flags: Flags, command: Command): Promise<void> {
  const weights = await pulledFirst(named, flags.offline);
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
    file: fileFormOf(flags),
    ...(await quantizationOf(flags, (key) => command.getOptionValueSource(key) === 'cli')),
  };
  const line = stages();
  const converted = await convertFile({ ...options, onProgress: line.show }).finally(line.done);
  for (const warning of converted.warnings) note(warning);
  noteSkipped(converted.skipped, converted.pictures);
  const { convertedJson, printConverted } = await import('./converted.ts');
  if (flags.json) print(JSON.stringify(convertedJson(converted)));
  else printConverted(converted, flags.output);
}

/** The file behind a path, a folder or a hub's name, which is pulled into the cache. */
async function pulledFirst(named: string, offline = false): Promise<string> {
  const [{ resolveSource }, { pullProgress }, { OFFLINE_VARIABLE }] = await Promise.all([
    import('../node/hub/resolve-source.ts'),
    import('./pull.ts'),
    import('../node/hub/settings.ts'),
  ]);
  const shown = pullProgress();
  const { path, pulled } = await resolveSource(named, { offline, onProgress: shown.onProgress }).finally(shown.done);
  // A process that does the same again has the file.
  if (pulled) process.env[OFFLINE_VARIABLE] = '1';
  return path;
}

function preprocessingOf(flags: Flags): Partial<Preprocessing> {
  const { inputSize, resize, interpolation, mean, std, scale, channels, input, layout } = flags;
  if (layout !== undefined && input === 'raw') {
    throw new ResedgeError('usage', '--layout belongs to --input float: a raw input is always NHWC');
  }
  const given = { inputSize, resize, interpolation, mean, std, scale, channels, layout };
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  return { input, ...Object.fromEntries(stated) };
}

function fileFormOf({ batch, format }: Flags): FileForm {
  return { ...(batch === undefined ? {} : { batch }), ...(format === undefined ? {} : { format }) };
}

/** Precision and scheme from flags, device profile and defaults, in this order. */
async function quantizationOf(
  flags: Flags,
  isStated: (key: string) => boolean,
): Promise<Pick<ConvertFileOptions, 'int8' | 'fp16'>> {
  const profile = flags.device === undefined ? undefined : await profileNamed(flags.device);
  const precision = flags.precision ?? profile?.precision ?? 'int8';
  const floor = flags.force ? NO_FLOOR : floorOf(flags);
  for (const line of unusedOptions({ ...flags, precision }, isStated)) note(line);
  if (precision !== 'int8') {
    if (precision === 'fp32') return {};
    const { calibrate, samples, seed } = flags;
    return { fp16: { ...(calibrate === undefined ? {} : { calibrate }), samples, seed, floor } };
  }
  const { calibrate } = flags;
  if (calibrate === undefined || calibrate === '') {
    throw new ResedgeError(
      'usage',
      'INT8 needs to know the ranges inside the network: give --calibrate <folder of pictures>, --calibrate <table.json> saved earlier, or --calibrate none (data-free)',
    );
  }
  const { schemeNamed } = await import('../../converter/quantize/scheme.ts');
  const scheme = schemeNamed(flags.scheme ?? profile?.scheme ?? 'u8s8-safe');
  if (flags.format === 'qoperator' && (scheme.activation.dtype !== 'uint8' || scheme.weightBits !== 8)) {
    throw new ResedgeError(
      'usage',
      `--format qoperator has operators for 8 bits alone: expected --scheme u8s8-safe or u8s8, received ${scheme.name}`,
    );
  }
  return {
    int8: {
      recipe: {
        scheme,
        method: flags.method,
        corrections: flags.corrections,
      },
      calibrate,
      samples: flags.samples,
      seed: flags.seed,
      ...(flags.saveTable === undefined ? {} : { saveTable: flags.saveTable }),
      ...(flags.report === undefined ? {} : { report: flags.report }),
      ...(flags.validate === undefined ? {} : { validate: flags.validate }),
      ...budgetOf(flags),
      ...(flags.force ? { force: true } : {}),
      floor,
    },
  };
}

async function profileNamed(name: string) {
  const { loadProfile } = await import('../node/device/load-profile.ts');
  return loadProfile(name);
}
