import type { ReportData } from './data.ts';
import { byteSize, decibel, milliseconds, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { shareInterval } from './interval.ts';
import { kernelFacts } from './kernels.ts';
import { weakestOf } from './weakest.ts';

type Tile = { readonly name: string; readonly value: string; readonly note: string };

/** The verdict, and the figures that it rests on. */
export function head(data: ReportData): Markup {
  const { metadata, scheme } = data;
  return html`<header>
<p class="kicker">Conversion report</p>
<h1>${metadata.arch} in INT8</h1>
<p class="verdict">${verdict(data)}</p>
${status(data)}
<dl class="tiles">${tiles(data).map(
    ({ name, value, note }) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
<p class="scheme">Scheme <strong>${scheme.name}</strong>: right for ${scheme.rightFor}. Ranges from ${data.calibration}; judged on ${judgedOn(data)}.</p>
</header>`;
}

/** One sentence: how far from FP32, and how often the answer is the same. */
export function verdict(data: ReportData): string {
  const { int8 } = data;
  const { agreement, sqnrDb, pictures } = int8.judgement;
  const same = Math.round(agreement * pictures);
  const answers =
    same === pictures ? `gives the same answer on all ${pictures}` : `gives the same answer on ${same} of ${pictures}`;
  return `The INT8 model is ${decibel(sqnrDb)} from FP32 and ${answers} ${judgedOn(data, false)}.`;
}

function judgedOn({ int8, validation }: ReportData, counted = true): string {
  const { pictures, generated } = int8.judgement;
  const real = validation === undefined ? 'pictures held back from calibration' : `pictures of ${validation}`;
  const kind = generated ? 'generated pictures' : real;
  return counted ? `${pictures} ${kind}` : kind;
}

function status({ int8, floor }: ReportData): Markup {
  const { judgement } = int8;
  if (floor && (judgement.sqnrDb < floor.sqnrDb || judgement.agreement < floor.agreement)) {
    return html`<p class="status bad"><strong>Below the floor.</strong> ${decibel(floor.sqnrDb)} and ${percent(floor.agreement)} agreement were asked for; no model was written.</p>`;
  }
  if (!floor) {
    return html`<p class="status doubt"><strong>Written whatever its fidelity:</strong> no floor was asked for.</p>`;
  }
  if (judgement.generated) {
    return html`<p class="status doubt"><strong>Not yet proven on pictures.</strong> Generated ones show that the arithmetic holds, not how yours fare: calibrate on a folder of pictures to see.</p>`;
  }
  return html`<p class="status good"><strong>Within the floor</strong> of ${decibel(floor.sqnrDb)} and ${percent(floor.agreement)} agreement.</p>`;
}

function tiles({ int8, bytes, latency }: ReportData): readonly Tile[] {
  const { judgement, layers } = int8;
  const [low, high] = shareInterval(judgement.agreement, judgement.pictures);
  const [weakest] = weakestOf(layers, 1);
  const facts = kernelFacts(int8);
  const before = bytes.float ?? bytes.weights;
  return [
    {
      name: 'Logits against FP32',
      value: decibel(judgement.sqnrDb),
      note: `error ${percent(10 ** (-judgement.sqnrDb / 20))} of the signal`,
    },
    {
      name: 'Same first class',
      value: percent(judgement.agreement),
      note: `${percent(low)} to ${percent(high)} with 95\u00a0% confidence`,
    },
    {
      name: 'Size',
      value: byteSize(bytes.int8),
      note: `was ${byteSize(before)}, ${(before / bytes.int8).toFixed(1)} times smaller`,
    },
    ...(latency
      ? [
          {
            name: 'One inference',
            value: milliseconds(latency.int8.p50),
            note: `was ${milliseconds(latency.float.p50)}, ${(latency.float.p50 / latency.int8.p50).toFixed(2)} times the speed`,
          },
        ]
      : []),
    {
      name: 'Layers in INT8 kernels',
      value: facts.inIntegers ?? 'not known here',
      note: [facts.unfused, facts.saturation].filter((text) => text !== '').join('; '),
    },
    ...(weakest ? [{ name: 'Weakest value', value: decibel(weakest.sqnrDb), note: weakest.name }] : []),
  ];
}
