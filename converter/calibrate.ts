import { ResedgeError } from '../src/errors.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { batches } from './batch.ts';
import { modelInput, probePicture } from './probe.ts';
import { observer } from './quantize/observe.ts';
import type { Statistics } from './quantize/statistics.ts';
import type { RunningModel } from './runner.ts';

/** Where the statistics for INT8 come from. */
export type Calibration =
  | { readonly kind: 'pictures'; readonly inputs: AsyncIterable<Tensor>; readonly count: number }
  | { readonly kind: 'table'; readonly statistics: Statistics };

export type Calibrated = {
  readonly statistics: Statistics;
  /** Batches to compare layers on: the first ones seen, or generated pictures where there were none. */
  readonly samples: readonly Tensor[];
};

/** Pictures kept to compare layers on, at most. */
const KEPT = 8;
const GENERATED = 4;
const GENERATED_SEED = 2;

/** Runs the float model over the calibration pictures and observes the named values, or takes them from a table. */
export async function calibrate(
  model: RunningModel,
  names: readonly string[],
  calibration: Calibration,
  preprocessing: Preprocessing,
  onProgress: (done: number, total: number) => void,
): Promise<Calibrated> {
  const { inputSize } = preprocessing;
  if (calibration.kind === 'table') {
    const pictures = Array.from({ length: GENERATED }, (_, i) => probePicture(inputSize, GENERATED_SEED + i));
    return {
      statistics: calibration.statistics,
      samples: pictures.map((picture) => modelInput(picture, preprocessing)),
    };
  }
  const samples: Tensor[] = [];
  const seen = observer(names);
  let done = 0;
  for await (const batch of batches(calibration.inputs, inputSize)) {
    if (done < KEPT) samples.push(batch);
    seen.add(await model.run({ input: batch }, names));
    done += batch.dims[0] ?? 1;
    onProgress(done, calibration.count);
  }
  if (done === 0) throw new ResedgeError('input', 'expected at least one readable calibration picture, received none');
  return { statistics: seen.statistics(), samples };
}
