import { type Command, Option } from 'commander';
import { TARGET_NAMES, TARGET_SUMMARIES } from '../../converter/targets/names.ts';
import { INTERPOLATIONS } from '../tensor/preprocessing.ts';
import { SCHEME_NAMES } from '../tensor/quantization.ts';
import type { ConvertFlags } from './convert-options.ts';
import { corrections } from './corrections.ts';
import {
  batchSize,
  divisors,
  epochCount,
  perChannel,
  points,
  realNumber,
  seedNumber,
  share,
  unstated,
  wholeNumber,
} from './options.ts';
import { note, noteSkipped, print } from './print.ts';
import { pulledFirst } from './pulled-first.ts';

const MAX_SIDE = 8192;
const MAX_SAMPLES = 1_000_000;
const MAX_RATE = 100;

export function addConvert(program: Command): Command {
  return program
    .command('convert <weights>')
    .description('convert trained weights, or an ONNX model, to an ONNX file, INT8 unless told otherwise')
    .requiredOption('-o, --output <model.onnx>', 'the file to write; a folder for some targets')
    .option('--arch <name>', 'the network; auto reads it from tensor names and shapes', 'auto')
    .option('--device <profile>', 'precision and scheme of that device (default: a file that is right everywhere)')
    .addOption(new Option('--target <name>', `what will run it: ${targetsInWords()}`).choices([...TARGET_NAMES]))
    .addOption(new Option('--precision <name>', 'default int8').choices(['int8', 'fp16', 'fp32']))
    .addOption(
      new Option('--scheme <name>', "quantization scheme (default: the profile's, else u8s8-safe)").choices([
        ...SCHEME_NAMES,
      ]),
    )
    .option('--calibrate <source>', 'a folder of pictures, a calibration table, or none')
    .option('--save-table <file.json>', 'write the calibration table, to be used again')
    .option('--samples <n>', 'pictures to calibrate on', wholeNumber(1, MAX_SAMPLES), 256)
    .option('--seed <n>', 'of the sample', seedNumber, 0)
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
    .option('--quantize-aware <folder>', 'labelled pictures to learn from once more, rounded as INT8, in class folders')
    .option('--epochs <n>', 'for --quantize-aware (default: 2)', epochCount)
    .option('--lr <rate>', 'its largest learning rate (default: 0.002)', realNumber(0, MAX_RATE))
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
    .option('--batch <n>', 'pictures in one inference, fixed in the file (default: any)', batchSize)
    .addOption(new Option('--format <name>', 'of an INT8 file, default qdq').choices(['qdq', 'qoperator']))
    .option('--report <file.html>', 'write a page that shows what was done to every layer')
    .option('--offline', 'take a network of a hub as it was pulled before')
    .option('--json', 'print JSON and nothing else')
    .action(runConvert);
}

async function runConvert(named: string, flags: ConvertFlags, command: Command): Promise<void> {
  const weights = await pulledFirst(named, flags.offline);
  const { runLean } = await import('./lean-memory.ts');
  const code = await runLean(weights);
  if (code !== undefined) {
    process.exitCode = code;
    return;
  }
  const [{ convertFile }, { convertOptions }, { stages }] = await Promise.all([
    import('../node/model/convert-file.ts'),
    import('./convert-options.ts'),
    import('./stages.ts'),
  ]);
  const options = await convertOptions(weights, flags, (key) => command.getOptionValueSource(key) === 'cli');
  const line = stages();
  const converted = await convertFile({ ...options, onProgress: line.show }).finally(line.done);
  for (const warning of converted.warnings) note(warning);
  // The loss became NaN on the way: what is written is the last good state.
  if ((converted.learnt?.warnings.length ?? 0) > 0) process.exitCode = 1;
  noteSkipped(converted.skipped, converted.pictures);
  const { convertedJson, printConverted } = await import('./converted.ts');
  if (flags.json) print(JSON.stringify(convertedJson(converted)));
  else printConverted(converted, flags.output);
}

/** `tensorrt (...), openvino (...)`, for `--help`. */
function targetsInWords(): string {
  return TARGET_NAMES.map((name) => `${name} (${TARGET_SUMMARIES[name]})`).join(', ');
}
