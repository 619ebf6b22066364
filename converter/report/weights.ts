import type { ReportData } from './data.ts';
import { number, percent, plural } from './format.ts';
import { html, type Markup } from './html.ts';
import { COLUMN, HEIGHT, line, plot, rectangle } from './plot.ts';
import { type Interval, logarithmic, logTicks, type Scale } from './scale.ts';
import { type Spread, spreadOf } from './spread.ts';
import { headings, key, table } from './table.ts';

/** Channels quieter than the loudest by more than this run off the drawing. */
const DEEPEST = 1000;
const MARGIN = 1.15;

type Drawn = Spread & { readonly quartiles: NonNullable<Spread['quartiles']> };

/** How far apart a layer's output channels lie, and how many gave way to the int16 hazard. */
export function weights({ int8, scheme }: ReportData): Markup {
  const spreads = [...int8.plan.layers].map(([name, layer]) => spreadOf(name, layer));
  const drawn = spreads.filter(isDrawn);
  const pairs = scheme.accumulator === 'int16-pairs';
  return html`<section aria-labelledby="weights">
<h2 id="weights">Weights per output channel</h2>
<p>Each channel has a scale of its own, set by its largest weight.${unevenness(drawn)}${pairs ? ` ${hazard(spreads)}` : ''}</p>
${drawn.length > 0 ? figure(drawn, pairs) : undefined}
<details><summary>Every layer</summary>
${table({
  caption: 'Largest weight that an output channel stores, by layer',
  head: headings(['Layer', 'Weights', 'Channels', 'Least', 'Median', 'Greatest', ...(pairs ? ['Gave way'] : [])]),
  rows: spreads.map((spread) => row(spread, pairs)),
})}</details>
</section>`;
}

function isDrawn(spread: Spread): spread is Drawn {
  return spread.quartiles !== undefined;
}

function unevenness(drawn: readonly Drawn[]): string {
  const ratio = ({ quartiles }: Drawn): number => quartiles[4] / quartiles[2];
  const widest = drawn.toSorted((a, b) => ratio(b) - ratio(a))[0];
  if (!widest) return '';
  return ` One scale for a whole layer would cost its quieter ones: in ${widest.name} the loudest channel reaches ${ratio(widest).toFixed(1)} times as far as the median one.`;
}

function hazard(spreads: readonly Spread[]): string {
  const channels = spreads.reduce((sum, spread) => sum + spread.channels, 0);
  const limited = spreads.reduce((sum, spread) => sum + spread.limited, 0);
  const who = limited === 0 ? 'No channel had to give' : `${limited} of ${plural(channels, 'channel')} gave`;
  return `${who} way, by a coarser scale or smaller single weights, so that no pair of products leaves int16.`;
}

function figure(drawn: readonly Drawn[], pairs: boolean): Markup {
  const greatest = Math.max(...drawn.map(({ quartiles }) => quartiles[4]));
  const least = Math.min(...drawn.map(({ quartiles }) => quartiles[0]));
  const domain: Interval = [Math.max(least / MARGIN, greatest / DEEPEST), greatest * MARGIN];
  const scale = logarithmic(domain, [HEIGHT, 0]);
  const y: Scale = (value) => Math.min(HEIGHT, scale(value));
  return html`<figure>
${plot({
  label: `Range chart of ${drawn.length} layers in order of execution: the largest weights of their channels, from ${number(least)} to ${number(greatest)}.`,
  names: drawn.map(({ name }) => name),
  y,
  ticks: logTicks(domain).map((value) => ({ value, text: String(value) })),
  unit: 'largest weight of a channel',
  columns: drawn.map((spread, i) => column(spread, i, y, pairs)),
})}
<figcaption>${key('range', least < domain[0] ? 'least to greatest; some go on below' : 'least to greatest')} ${key('half', 'middle half')} ${key('median', 'median channel')}</figcaption>
</figure>`;
}

function column({ name, quartiles, limited, channels }: Drawn, i: number, y: Scale, pairs: boolean): Markup {
  const [least, low, median, high, greatest] = quartiles;
  const x = [i * COLUMN + 2, (i + 1) * COLUMN - 2] as const;
  const middle = (i + 0.5) * COLUMN;
  const gave = pairs && limited > 0 ? `, ${percent(limited / channels)} of channels gave way` : '';
  return html`<g><title>${name}: ${number(least)} to ${number(greatest)}, median ${number(median)}${gave}</title>${rectangle([i * COLUMN, (i + 1) * COLUMN], [0, HEIGHT], 'hit')}${line([middle, middle], [y(greatest), y(least)], 'range')}${rectangle(x, [y(high), Math.max(y(low), y(high) + 0.5)], 'half')}${line(x, [y(median), y(median)], 'median')}</g>`;
}

function row({ name, dims, channels, limited, quartiles }: Spread, pairs: boolean): Markup {
  const figures = quartiles ? [quartiles[0], quartiles[2], quartiles[4]].map(number) : ['0', '0', '0'];
  return html`<tr><th scope="row" class="name">${name}</th><td>${dims.join(' \u00d7 ')}</td><td>${channels}</td>${figures.map((figure) => html`<td>${figure}</td>`)}${pairs ? html`<td>${limited}</td>` : undefined}</tr>`;
}
