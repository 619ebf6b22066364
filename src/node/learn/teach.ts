import type { TrainedWeights } from '../../../converter/train/head-features.ts';
import { headScores } from '../../../converter/train/head-features.ts';
import { ResedgeError } from '../../errors.ts';
import type { Pixels } from '../../image/pixels.ts';
import { toInput } from '../../image/to-input.ts';
import type { Model } from '../../onnx/schema.ts';
import { scoresOf } from '../../runtime/scores.ts';
import { softmax } from '../../runtime/softmax.ts';
import { fidelity } from '../../tensor/fidelity.ts';
import type { OpenModelOptions } from '../model/open-model.ts';
import type { BaseModel } from './base-model.ts';
import type { Example } from './example.ts';
import { withModel } from './feature-session.ts';

export type Verified = { readonly agreement: number; readonly sqnrDb: number; readonly pictures: number };

/** A quantized head must be as near to the trained one as this. */
const FLOOR = { sqnrDb: 15, agreement: 0.9 } as const;

/**
 * Runs a taught model on pictures and compares its scores with those that the trained head gives the first row of their features. Throws `input`
 * where it says something else.
 */
export async function verifyTaught(
  model: Model,
  base: BaseModel,
  head: TrainedWeights,
  shown: readonly { readonly example: Example; readonly features: Float32Array }[],
  options: OpenModelOptions,
): Promise<Verified> {
  return await withModel(model, base.path, options, async ({ session, metadata }) => {
    const compared = fidelity();
    for (const { example, features } of shown) {
      const pixels: Pixels = await example.open().pixels();
      const { data } = await scoresOf(session, toInput(pixels, metadata.preprocessing));
      const logits = headScores(head, features.subarray(0, base.head.features), new Float32Array(head.bias.length));
      compared.add(metadata.output === 'logits' ? logits : softmax(logits), data);
    }
    const verified = { agreement: compared.agreement(), sqnrDb: compared.sqnrDb(), pictures: shown.length };
    if (verified.sqnrDb < FLOOR.sqnrDb || verified.agreement < FLOOR.agreement) {
      const found = `${verified.sqnrDb.toFixed(1)} dB and ${(100 * verified.agreement).toFixed(1)} % agreement`;
      throw new ResedgeError(
        'input',
        `expected the written head within ${FLOOR.sqnrDb} dB and ${100 * FLOOR.agreement} % of the trained one, it is at ${found}: no model was written; learn with more pictures, or from an FP32 model`,
      );
    }
    return verified;
  });
}
