import type { ReportData } from './data.ts';
import { decibel } from './format.ts';
import { html, type Markup } from './html.ts';
import { COLUMN, HEIGHT, line, plot, rectangle } from './plot.ts';
import { linear, ticks } from './scale.ts';
import { key } from './table.ts';
import { weakestOf } from './weakest.ts';

/** Values named as the weakest. */
const WEAKEST = 3;
/** Room over the tallest bar. */
const HEADROOM = 1.06;
/** A value that is stored exactly would flatten all others. */
const MOST_DB = 80;

/** Fidelity of every quantized value in order of execution. */
export function depth({ int8, floor }: ReportData): Markup {
  const { layers } = int8;
  const weakest = weakestOf(layers, WEAKEST);
  const shown = layers.map(({ sqnrDb }) => Math.max(0, Math.min(MOST_DB, sqnrDb)));
  const top = Math.max(10, ...shown) * HEADROOM;
  const y = linear([0, top], [HEIGHT, 0]);
  const columns = layers.map((layer, i) => {
    const kind = i === layers.length - 1 ? 'logits' : weakest.includes(layer) ? 'weak' : 'plain';
    const x = [i * COLUMN + 1.2, (i + 1) * COLUMN - 1.2] as const;
    return html`<g><title>${layer.name}: ${decibel(layer.sqnrDb)}</title>${rectangle([i * COLUMN, (i + 1) * COLUMN], [0, HEIGHT], 'hit')}${rectangle(x, [y(shown[i]!), HEIGHT], kind)}</g>`;
  });
  const least = floor && floor.sqnrDb > 0 && floor.sqnrDb < top ? floor.sqnrDb : undefined;
  const width = layers.length * COLUMN;
  const named = weakest.map(({ name, sqnrDb }) => `${name} ${decibel(sqnrDb)}`).join(', ');
  return html`<section aria-labelledby="depth">
<h2 id="depth">Where it loses</h2>
<p>SQNR of every value that INT8 stores, from the input on the left to the logits on the right, against the same value in FP32, over some of the judged pictures: 6&nbsp;dB less is twice the error. A sum inherits the errors of all before it; a dip that mends itself further on does little harm.</p>
<figure>
${plot({
  label: `Bar chart of ${layers.length} values in order of execution. Weakest: ${named}.`,
  names: layers.map(({ name }) => name),
  y,
  ticks: ticks([0, top], 4).map((value) => ({ value, text: String(value) })),
  unit: 'dB',
  columns,
  ...(least === undefined ? {} : { over: line([0, width], [y(least), y(least)], 'floor') }),
})}
<figcaption>${key('weak', html`weakest: ${weakest.map(({ name, sqnrDb }, i) => html`${i > 0 ? ', ' : ''}<span class="name">${name}</span> ${decibel(sqnrDb)}`)}`)} ${key('logits', 'logits')} ${least === undefined ? undefined : key('floor', 'floor for the logits')}</figcaption>
</figure>
</section>`;
}
