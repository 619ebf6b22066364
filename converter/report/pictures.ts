import type { ReportData, ReportPicture } from './data.ts';
import { decibel, fixed } from './format.ts';
import { html, type Markup } from './html.ts';

/** Pictures up to this side are shown with their pixels as squares. */
const SMALL = 64;

/** The judged pictures whose label flipped, or those that came nearest to it. */
export function pictures({ pictures, metadata, int8 }: ReportData): Markup {
  if (pictures.length === 0) return html``;
  const { labels } = metadata;
  const flipped = pictures.filter(({ reference, quantized }) => reference !== quantized).length;
  const { pictures: count, agreement } = int8.judgement;
  const all = Math.round((1 - agreement) * count);
  const title = flipped > 0 ? 'Pictures whose label flipped' : 'Pictures nearest to a flip';
  const shown = all > flipped ? `The ${flipped} clearest of ${all}` : all === 1 ? 'The only one' : `All ${all}`;
  const text =
    flipped > 0
      ? `${shown} among ${count} held back. The margin is the logit of FP32's first class above the next; where FP32 itself hardly decided, a flip says little.`
      : `No label flipped among ${count} pictures held back. These kept the least margin: the logit of the first class above the next.`;
  return html`<section aria-labelledby="pictures">
<h2 id="pictures">${title}</h2>
<p>${text}</p>
<ul class="pictures">${pictures.map((picture) => item(picture, labels))}</ul>
</section>`;
}

function item(picture: ReportPicture, labels: readonly string[]): Markup {
  const { name, side, source, reference, quantized, referenceMargin, margin, sqnrDb } = picture;
  const label = (index: number): string => labels[index] ?? `class ${index}`;
  const answer =
    reference === quantized ? html`${label(reference)}` : html`${label(reference)} <b>&rarr; ${label(quantized)}</b>`;
  return html`<li><img src="${source}" alt="${name}" width="${side}" height="${side}"${side <= SMALL ? html` class="small"` : undefined}>
<p class="answer">${answer}</p>
<p class="note">margin ${fixed(referenceMargin, 2)} &rarr; ${fixed(margin, 2)}<br>${decibel(sqnrDb)}<br><span class="name">${name}</span></p></li>`;
}
