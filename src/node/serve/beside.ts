import type { RawPicture } from '../../image/frame.ts';
import { createFramePreparer } from '../../image/from-frame.ts';
import { allocateInput } from '../../image/to-input.ts';
import { STEADY } from '../../pipeline/answers/defaults.ts';
import { type SteadyAnswer, steadier } from '../../pipeline/answers/steady.ts';
import type { StreamAnswer } from '../../pipeline/types.ts';
import { guesses } from '../../runtime/answer.ts';
import { scoresOf } from '../../runtime/scores.ts';
import type { LiveAnswer } from '../../runtime/served.ts';
import { softmax } from '../../runtime/softmax.ts';
import type { OpenedModel } from '../model/open-model.ts';
import { TOP } from './models.ts';

/**
 * Lets a second model answer to frames that another one has answered to, as many as it can; returns its newest answer. The frame's memory is
 * read before the call returns.
 */
export function framesBeside({
  session,
  metadata,
  choice,
}: OpenedModel): (of: Pick<StreamAnswer, 'frame' | 'at'>, picture: RawPicture) => LiveAnswer | null {
  const { preprocessing, labels, output } = metadata;
  const prepare = createFramePreparer(preprocessing);
  const input = allocateInput(preprocessing);
  const steady = steadier({ ...STEADY, labels });
  let busy = false;
  let newest: LiveAnswer | null = null;

  const answer = async ({ frame, at }: Pick<StreamAnswer, 'frame' | 'at'>): Promise<void> => {
    const { data, ms } = await scoresOf(session, input);
    const probabilities = Float32Array.from(output === 'logits' ? softmax(data) : data);
    const top = guesses(probabilities, { labels, output: 'probabilities', top: TOP });
    const settled = steady({ frame, at, probabilities, top, ms: { prepare: 0, infer: ms, total: ms }, dropped: 0 });
    newest = liveAnswer(choice.provider, settled, ms);
  };
  return (of, picture) => {
    if (!busy) {
      busy = true;
      prepare(picture, input);
      answer(of)
        .catch(() => {
          newest = null;
        })
        .finally(() => {
          busy = false;
        });
    }
    return newest;
  };
}

export function liveAnswer(provider: LiveAnswer['provider'], { best, top }: SteadyAnswer, infer: number): LiveAnswer {
  return { provider, label: best?.label ?? null, top, infer };
}
