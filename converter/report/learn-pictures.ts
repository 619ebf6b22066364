import { percent } from './format.ts';
import { html, type Markup } from './html.ts';
import type { LearnReportData, MistakenPicture } from './learn-data.ts';

/** Pictures up to this side are shown with their pixels as squares. */
const SMALL = 64;

/** The pictures that were most surely taken for something else. */
export function learnPictures({ worst, labels, accuracy, judged, grown }: LearnReportData): Markup {
  if (worst.length === 0) return html``;
  const wrong = Math.round((1 - accuracy) * judged);
  const others = 'Of the pictures that were shown now; of others the model remembers features alone.';
  const some = wrong > worst.length ? `The ${worst.length} surest of ${wrong} mistakes.` : 'Every mistake.';
  return html`<section>
<h2>Surest mistakes</h2>
<p>${grown ? others : some} Where a folder holds a picture that belongs to another class, it stands here first.</p>
<ul class="pictures">${worst.map((picture) => item(picture, labels))}</ul>
</section>`;
}

function item({ name, side, source, truth, answer, probability, ofTruth }: MistakenPicture, labels: readonly string[]) {
  const label = (index: number): string => labels[index] ?? `class ${index}`;
  return html`<li><img src="${source}" alt="${name}" width="${side}" height="${side}"${side <= SMALL ? html` class="small"` : undefined}>
<p class="answer">${label(truth)} <b>&rarr; ${label(answer)}</b></p>
<p class="note">${percent(ofTruth)} &rarr; ${percent(probability)}<br><span class="name">${name}</span></p></li>`;
}
