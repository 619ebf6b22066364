import { CORRECTION_NAMES } from '../quantize/recipe.ts';
import type { ReportData } from './data.ts';
import { change, decibel, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { linear } from './scale.ts';
import { headings, table } from './table.ts';

/** Bars start this far below the least figure, so that small gains show. */
const BELOW_DB = 3;

/** What every correction gained, in the order in which they were tried. */
export function steps({ int8 }: ReportData): Markup {
  const figures = int8.steps.map(({ sqnrDb }) => sqnrDb);
  const [from, to] = [Math.floor(Math.min(...figures) - BELOW_DB), Math.max(...figures)];
  const width = linear([from, to], [0, 100]);
  let before = int8.steps[0]?.sqnrDb ?? 0;
  const rows = int8.steps.map(({ correction, kept, sqnrDb, agreement }) => {
    const gain = sqnrDb - before;
    if (kept) before = sqnrDb;
    const name = correction === undefined ? 'ranges and rounding alone' : `+ ${CORRECTION_NAMES[correction]}`;
    return html`<tr${kept ? undefined : html` class="out"`}>
<th scope="row">${name}${kept ? undefined : html` <em>left out</em>`}</th>
<td class="wide"><svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width(sqnrDb).toFixed(1)}" height="1"/></svg></td>
<td>${decibel(sqnrDb)}</td><td>${correction === undefined ? '' : change(gain, 'dB')}</td><td>${percent(agreement)}</td>
</tr>`;
  });
  return html`<section aria-labelledby="steps">
<h2 id="steps">What each step gained</h2>
<p>Every correction is tried on top of those before it and kept unless it makes the judged pictures clearly worse.</p>
${table({
  caption: `Fidelity of the logits after each step; bars start at ${decibel(from)}`,
  kind: 'steps',
  head: html`<th scope="col">Step</th><td class="wide"></td>${headings(['SQNR', 'Change', 'Agreement'])}`,
  rows,
})}
</section>`;
}
