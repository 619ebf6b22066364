import type { Histogram } from '../quantize/histogram.ts';
import { decibel, number, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { line, rectangle } from './plot.ts';
import { rebin } from './rebin.ts';
import { type Interval, linear } from './scale.ts';

const BINS = 64;
const HEIGHT = 40;
/** A count of one still shows. */
const LEAST = 1.5;
/** A share of exact zeros that is worth a word. */
const LEAST_ZEROS = 0.001;

/** One stored value: what was seen of it, and what is kept. */
export type Stored = {
  readonly name: string;
  readonly sqnrDb: number;
  readonly reason: string;
  readonly sharesWith: string | undefined;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly seen: Interval;
  /** Reals that the ends of the stored range stand for. */
  readonly clip: Interval;
  /** Shares of all values. */
  readonly cut: number;
  readonly zeros: number;
  readonly statistics: Histogram;
};

/** One value's histogram as a card: log counts, what is cut in another colour, the ends of the stored range as lines. */
export function histogram(value: Stored): Markup {
  const { name, sqnrDb, reason, seen, clip, cut, zeros } = value;
  const domain: Interval = [Math.min(seen[0], clip[0]), Math.max(seen[1], clip[1])];
  const counts = domain[0] < domain[1] ? rebin(value.statistics, domain, BINS) : new Array<number>(BINS).fill(0);
  const height = linear([0, Math.log1p(Math.max(1, ...counts))], [0, HEIGHT]);
  const x = linear(domain, [0, BINS]);
  const bars = counts.map((count, i) => {
    if (count === 0) return html``;
    const centre = domain[0] + ((i + 0.5) / BINS) * (domain[1] - domain[0]);
    const top = HEIGHT - Math.max(LEAST, height(Math.log1p(count)));
    return rectangle([i, i + 1], [top, HEIGHT], centre < clip[0] || centre > clip[1] ? 'cut' : 'plain');
  });
  const said = `stored ${number(clip[0])} to ${number(clip[1])}, seen ${number(seen[0])} to ${number(seen[1])}`;
  return html`<figure class="card" title="${name}: ${reason}">
<figcaption><span class="name">${name}</span><span>${decibel(sqnrDb)}</span></figcaption>
<svg viewBox="0 0 ${BINS} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Histogram of ${name}: ${said}; ${reason}">
<title>${name}: ${reason}</title>
${bars}
${clip.map((end) => line([x(end), x(end)], [0, HEIGHT], 'end'))}
</svg>
<p class="ends" aria-hidden="true"><span>${number(domain[0])}</span><span>${number(domain[1])}</span></p>
<p class="note">${cut > 0 ? html`<b>${percent(cut)} cut</b>` : 'nothing cut'}${zeros >= LEAST_ZEROS ? `, ${percent(zeros)} zeros` : ''}</p>
</figure>`;
}
