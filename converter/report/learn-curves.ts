import { fixed, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import type { LearnReportData } from './learn-data.ts';
import { COLUMN, HEIGHT, line, place, plot } from './plot.ts';
import { linear, type Scale, ticks } from './scale.ts';
import { key } from './table.ts';

/** The losses over the epochs. */
export function learnCurves({ curve, epochs, folds, tuned }: LearnReportData): Markup {
  if (curve.length < 2) return html``;
  const losses = curve.flatMap(({ loss, validation }) => [loss, validation?.loss ?? loss]);
  const top = Math.max(...losses);
  const y = linear([0, top], [HEIGHT, 0]);
  const unseen = curve.map(({ loss, validation }) => validation?.loss ?? loss);
  const own = curve.map(({ loss }) => loss);
  const kept = (epochs - 0.5) * COLUMN;
  const inside = epochs > 0 && epochs <= curve.length;
  const learner = tuned ? 'network' : 'head';
  return html`<section>
<h2>Training</h2>
<p>The mean cross-entropy after each epoch${folds > 1 ? `, over ${folds} heads` : ''}. Where pictures that were not trained on get worse again, the ${learner} learns its pictures by heart: it is kept as it was at its best.</p>
<figure>
${plot({
  label: `Loss over ${curve.length} epochs: ${fixed(own.at(-1) ?? 0, 3)} on training pictures, ${fixed(unseen.at(-1) ?? 0, 3)} on others at the end`,
  names: curve.map((_, epoch) => `${epoch + 1}`),
  y,
  ticks: ticks([0, top], 4).map((value) => ({ value, text: String(value) })),
  unit: 'loss',
  columns: curve.map(({ loss, validation, learningRate }, epoch) => {
    const said = validation ? `, ${fixed(validation.loss, 3)} and ${percent(validation.accuracy)} on others` : '';
    const title = `epoch ${epoch + 1}: ${fixed(loss, 3)}${said}, learning rate ${learningRate.toPrecision(2)}`;
    return html`<g><rect class="hit" x="${epoch * COLUMN}" y="0" width="${COLUMN}" height="${HEIGHT}"/><title>${title}</title></g>`;
  }),
  over: html`${polyline(own, y, 'train')}${polyline(unseen, y, 'unseen')}${inside ? line([kept, kept], [0, HEIGHT], 'kept') : undefined}`,
})}
<figcaption>${key('train', 'pictures trained on')}${key('unseen', 'pictures not trained on')}${inside ? key('kept', `kept: epoch ${epochs}`) : undefined}From left to right: ${curve.length} epochs${epochs === 0 ? ', of which none was better than what stood before them' : ''}.</figcaption>
</figure>
</section>`;
}

function polyline(values: readonly number[], y: Scale, kind: string): Markup {
  const points = values.map((value, i) => `${place((i + 0.5) * COLUMN)},${place(y(value))}`).join(' ');
  return html`<polyline class="${kind}" points="${points}"/>`;
}
