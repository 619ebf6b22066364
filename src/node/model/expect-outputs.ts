import { ResedgeError } from '../../errors.ts';
import { expectTargetPlace } from '../targets/write-target.ts';
import { expectWritable } from '../write-whole.ts';
import type { ConvertFileOptions } from './converted-file.ts';

/** Throws where an output could not be written, before any work. */
export function expectOutputs(options: ConvertFileOptions): void {
  const { weights, output, labels, int8, fp16, stored, target, targetPictures } = options;
  const calibrate = int8?.calibrate ?? fp16?.calibrate ?? stored?.calibrate ?? targetPictures?.path;
  const sources = [weights, typeof labels === 'string' ? labels : undefined, calibrate];
  if (target === undefined && output.endsWith('.ort')) {
    throw new ResedgeError(
      'usage',
      `${output}: expected --target ort for a file of ONNX Runtime's format, or -o <model.onnx>`,
    );
  }
  if (target) expectTargetPlace(target, output, sources);
  else expectWritable(output, sources);
  if (int8?.saveTable !== undefined) expectWritable(int8.saveTable, [...sources, output]);
  if (int8?.report !== undefined) expectWritable(int8.report, [...sources, output, int8.saveTable]);
}
