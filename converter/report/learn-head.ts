import { byteSize, change, decibel, grouped, percent, plural } from './format.ts';
import { html, type Markup } from './html.ts';
import { shareInterval } from './interval.ts';
import type { LearnReportData } from './learn-data.ts';

/** The verdict, and the figures that it rests on. */
export function learnHead(data: LearnReportData): Markup {
  const { arch, labels, grown } = data;
  const title = grown
    ? `${grown.label}, learnt by ${arch}`
    : `${plural(labels.length, 'class').replace('classs', 'classes')} for ${arch}`;
  return html`<header>
<p class="kicker">Learning report</p>
<h1>${title}</h1>
<p class="verdict">${learnVerdict(data)}</p>
${status(data)}
<dl class="tiles">${tiles(data).map(
    ({ name, value, note }) => html`<div><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
<p class="scheme">${origin(data)}</p>
</header>`;
}

/** What of the model is new. */
function origin({ precision, tuned }: LearnReportData): Markup {
  const stored = html`<strong>${precision.toUpperCase()}</strong>`;
  if (!tuned) return html`The convolutions are those of the base model in ${stored}; the head alone is new.`;
  const what = tuned.depth === 'all' ? 'All layers' : 'The last stage and the head';
  return html`${what}, ${grouped(tuned.parameters)} parameters, were tuned in float; the model was then quantized to ${stored}.`;
}

/** One sentence: how many pictures were named right by heads, or a network, that had not seen them. */
export function learnVerdict({ accuracy, judged, folds, tuned }: LearnReportData): string {
  const right = Math.round(accuracy * judged);
  const alone = tuned
    ? 'the tuned network, which was not trained on them; they chose its epoch'
    : 'a head that had not seen them';
  const how = folds > 1 ? `${folds} heads, each trained without the pictures that it was asked about` : alone;
  return `${grouped(right)} of ${grouped(judged)} pictures were named right by ${how}.`;
}

function status({ grown, tuned, warnings }: LearnReportData): Markup {
  const [warning] = warnings;
  if (warning !== undefined) return html`<p class="status doubt"><strong>Note.</strong> ${warning}</p>`;
  if (tuned) {
    const { before, after, judged, head } = tuned;
    const kind = after >= before ? 'good' : 'doubt';
    const start = head === 'new' ? 'with a new head alone' : 'as it was';
    return html`<p class="status ${kind}"><strong>Tuning: ${change(100 * (after - before), 'points')}.</strong> ${percent(before)} ${start}, ${percent(after)} tuned, in float on ${plural(judged, 'picture')} kept apart.</p>`;
  }
  if (!grown) return html``;
  const { before, after, pictures } = grown.others;
  const lost = 100 * (after - before);
  const kind = lost >= -1 ? 'good' : 'doubt';
  return html`<p class="status ${kind}"><strong>The other classes: ${change(lost, 'points')}.</strong> ${percent(before)} before, ${percent(after)} with the new class, on ${plural(pictures, 'remembered picture')}.</p>`;
}

type Tile = { readonly name: string; readonly value: string; readonly note: string };

function tiles({
  accuracy,
  judged,
  threshold,
  pictures,
  labels,
  verified,
  bytes,
  tuned,
}: LearnReportData): readonly Tile[] {
  const [low, high] = shareInterval(accuracy, judged);
  const total = pictures.reduce((sum, count) => sum + count, 0);
  const [least, most] = [Math.min(...pictures), Math.max(...pictures)];
  const each = least === most ? `${least}` : `${least} to ${most}`;
  return [
    {
      name: 'Accuracy',
      value: percent(accuracy),
      note: `${percent(low)} to ${percent(high)} with 95\u00a0% confidence`,
    },
    {
      name: 'Threshold',
      value: threshold.value.toFixed(2),
      note: `keeps ${percent(threshold.keeps)} of the right answers, stops ${percent(threshold.catches)} of the wrong ones`,
    },
    {
      name: 'Pictures',
      value: grouped(total),
      note: `${each} for each of ${labels.length}`,
    },
    {
      name: tuned ? 'Stored network' : 'Stored head',
      value: decibel(verified.sqnrDb),
      note: `${percent(verified.agreement)} agreement with the ${tuned ? 'tuned' : 'trained'} one, run on ${plural(verified.pictures, 'picture')}`,
    },
    {
      name: 'Size',
      value: byteSize(bytes.model),
      note: `was ${byteSize(bytes.base)}`,
    },
    {
      name: 'Memory',
      value: byteSize(bytes.memory),
      note: 'features of its classes, to grow by',
    },
  ];
}
