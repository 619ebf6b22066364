import { ResedgeError } from '../errors.ts';
import type { ConvertedFile } from '../node/model/converted-file.ts';
import type { LearnQuantizedOptions } from '../node/train/learn-quantized.ts';
import { counted, percent } from './print.ts';

/** Options of `convert` that have to do with learning once more. */
type Flags = {
  readonly quantizeAware?: string;
  readonly epochs?: number;
  readonly lr?: number;
  readonly seed: number;
  readonly input: 'raw' | 'float';
  readonly maxDrop?: number;
  readonly minSqnr?: number;
  readonly minAgreement?: number;
};

/** How the weights are to learn; undefined where they stay. Throws `usage` for options that do not go together. */
export async function learningOf(flags: Flags, precision: string): Promise<LearnQuantizedOptions | undefined> {
  const { quantizeAware: folder, epochs, lr, seed } = flags;
  if (folder === undefined) {
    const alone = epochs !== undefined ? '--epochs' : lr !== undefined ? '--lr' : undefined;
    if (alone !== undefined) throw new ResedgeError('usage', `${alone} belongs to --quantize-aware <folder>`);
    return undefined;
  }
  expectAlone(flags, precision);
  const { QUANTIZED_RECIPE } = await import('../node/train/learn-quantized.ts');
  const { schedule } = QUANTIZED_RECIPE;
  const recipe = {
    ...QUANTIZED_RECIPE,
    ...(epochs === undefined ? {} : { epochs }),
    ...(lr === undefined ? {} : { schedule: { ...schedule, peak: lr } }),
    seed,
  };
  return { folder, recipe, threads: 0 };
}

function expectAlone({ input, maxDrop, minSqnr, minAgreement }: Flags, precision: string): void {
  const fail = (message: string): never => {
    throw new ResedgeError('usage', `--quantize-aware ${message}`);
  };
  if (precision !== 'int8') fail(`learns the roundings of INT8: leave it out with --precision ${precision}`);
  if (input === 'float') fail('learns from the bytes of pictures: leave out --input float');
  const limits = [
    ['--max-drop', maxDrop],
    ['--min-sqnr', minSqnr],
    ['--min-agreement', minAgreement],
  ] as const;
  const limit = limits.find(([, value]) => value !== undefined)?.[0];
  if (limit) fail(`keeps no layers in higher precision: leave out ${limit}, or learn nothing and let it choose`);
}

/** What `convert --json` says about it. */
export function learntJson({ learnt, conversion }: ConvertedFile): Record<string, unknown> {
  const how = conversion.int8?.quantizeAware;
  return how && learnt ? { quantizeAware: { ...how, right: learnt.right, records: learnt.records } } : {};
}

/** `2 epochs on 50,000 pictures, learning rate 0.002: 80.12 % -> 82.34 % of those right`. */
export function learntRows({ learnt, conversion }: ConvertedFile): readonly [string, string][] {
  const how = conversion.int8?.quantizeAware;
  if (how === undefined || learnt === undefined) return [];
  const { epochs, pictures, learningRate } = how;
  const [before, after] = learnt.right.map(percent);
  const passes = `${counted(epochs, 'epoch')} on ${pictures.toLocaleString('en')} pictures`;
  return [['learned', `${passes}, learning rate ${learningRate}: ${before} -> ${after} of those right`]];
}
