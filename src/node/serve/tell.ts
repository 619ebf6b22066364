import type { RawPicture } from '../../image/frame.ts';
import { framePixels } from '../../image/frame-pixels.ts';
import { STEADY } from '../../pipeline/answers/defaults.ts';
import { steadier } from '../../pipeline/answers/steady.ts';
import type { StreamAnswer } from '../../pipeline/types.ts';
import type { LiveAnswer, LiveUpdate } from '../../runtime/served.ts';
import { readTemperature } from '../device/temperature.ts';
import { toJpeg } from '../image/to-jpeg.ts';
import type { OpenedModel } from '../model/open-model.ts';
import { liveAnswer } from './beside.ts';

/** Updates come at least so far apart: 15 a second. */
const INTERVAL_MS = 66;

const PICTURE = { width: 640, quality: 75 };

/** Rates are means over so long, or since the update before. */
const RATE_MS = 2000;

type Tick = { readonly at: number; readonly captured: number; readonly answered: number };

export type TellerParts = {
  readonly model: {
    readonly metadata: Pick<OpenedModel['metadata'], 'labels'>;
    readonly choice: Pick<OpenedModel['choice'], 'provider'>;
  };
  /** Those who can take an update now. */
  readonly viewers: () => readonly { readonly update: (update: LiveUpdate) => void }[];
};

/** Takes an answer with its frame, whose memory is read before the call returns. */
export type Telling = (answer: StreamAnswer, frame: RawPicture, compared: LiveAnswer | null) => void;

/** Tells viewers of answers, with the picture, as often as they, the encoder and the eye can take it. */
export function teller({ model, viewers }: TellerParts): Telling {
  const steady = steadier({ ...STEADY, labels: model.metadata.labels });
  let ticks: readonly Tick[] = [];
  let latencies: number[] = [];
  let answered = 0;
  let last = 0;
  let encoding = false;

  // Frames up to the answered one: what the camera has sent since then has had no time for an answer.
  const rates = (now: number, frame: number): LiveUpdate['rates'] => {
    const captured = frame + 1;
    const recent = ticks.filter(({ at }) => now - at <= RATE_MS);
    ticks = [...(recent.length > 0 ? recent : ticks.slice(-1)), { at: now, captured, answered }];
    const first = ticks[0]!;
    const seconds = (now - first.at) / 1000;
    const rate = (count: number): number => (seconds > 0 ? count / seconds : 0);
    return { captured: rate(captured - first.captured), answered: rate(answered - first.answered) };
  };
  const send = async (frame: RawPicture, update: Omit<LiveUpdate, 'picture'>): Promise<void> => {
    const jpeg = await toJpeg(framePixels(frame), PICTURE);
    const picture = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
    for (const viewer of viewers()) viewer.update({ ...update, picture });
  };
  return (answer, frame, compared) => {
    const { ms, dropped } = answer;
    const settled = steady(answer);
    const now = performance.now();
    answered++;
    latencies.push(ms.total);
    if (encoding || now - last < INTERVAL_MS || viewers().length === 0) return;
    last = now;
    encoding = true;
    const update = {
      frame: answer.frame,
      answer: liveAnswer(model.choice.provider, settled, ms.infer),
      ...{ compared, latencies, rates: rates(now, answer.frame), dropped, temperature: readTemperature() ?? null },
    };
    latencies = [];
    send(frame, update)
      .catch(() => undefined)
      .finally(() => {
        encoding = false;
      });
  };
}
