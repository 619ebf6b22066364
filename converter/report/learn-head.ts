import { byteSize, change, decibel, grouped, percent, plural } from './format.ts';
import { html, type Markup } from './html.ts';
import { shareInterval } from './interval.ts';
import type { LearnReportData } from './learn-data.ts';

/** The verdict, and the figures that it rests on. */
export function learnHead(data: LearnReportData): Markup {
  const { arch, precision, labels, grown } = data;
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
<p class="scheme">The convolutions are those of the base model in <strong>${precision.toUpperCase()}</strong>; the head alone is new.</p>
</header>`;
}

/** One sentence: how many pictures were named right by heads that had not seen them. */
export function learnVerdict({ accuracy, judged, folds }: LearnReportData): string {
  const right = Math.round(accuracy * judged);
  const how =
    folds > 1
      ? `${folds} heads, each trained without the pictures that it was asked about`
      : 'a head that had not seen them';
  return `${grouped(right)} of ${grouped(judged)} pictures were named right by ${how}.`;
}

function status({ grown, warnings }: LearnReportData): Markup {
  const [warning] = warnings;
  if (warning !== undefined) return html`<p class="status doubt"><strong>Note.</strong> ${warning}</p>`;
  if (!grown) return html``;
  const { before, after, pictures } = grown.others;
  const lost = 100 * (after - before);
  const kind = lost >= -1 ? 'good' : 'doubt';
  return html`<p class="status ${kind}"><strong>The other classes: ${change(lost, 'points')}.</strong> ${percent(before)} before, ${percent(after)} with the new class, on ${plural(pictures, 'remembered picture')}.</p>`;
}

type Tile = { readonly name: string; readonly value: string; readonly note: string };

function tiles({ accuracy, judged, threshold, pictures, labels, verified, bytes }: LearnReportData): readonly Tile[] {
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
      name: 'Stored head',
      value: decibel(verified.sqnrDb),
      note: `${percent(verified.agreement)} agreement with the trained one, run on ${plural(verified.pictures, 'picture')}`,
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
