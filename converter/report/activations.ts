import type { QuantizationParameters } from '../../src/tensor/quantization.ts';
import { equalizeStatistics } from '../quantize/equalize.ts';
import { activationLimits, type Scheme } from '../quantize/scheme.ts';
import type { ReportData } from './data.ts';
import { decibel, number, percent, plural } from './format.ts';
import { histogram, type Stored } from './histogram.ts';
import { html, type Markup } from './html.ts';
import { countOutside } from './rebin.ts';
import type { Interval } from './scale.ts';
import { headings, table } from './table.ts';

/** More values than this are not shown at once: only the weakest. */
const ALL = 50;
const WEAKEST = 12;

/** Histograms of what calibration saw, with the ends of the stored range. */
export function activations(data: ReportData): Markup {
  const all = storedValues(data);
  const own = all.filter(({ sharesWith }) => sharesWith === undefined);
  const weakest = own.toSorted((a, b) => a.sqnrDb - b.sqnrDb).slice(0, WEAKEST);
  const many = own.length > ALL;
  const shown = many ? weakest : own;
  const rest = many ? own.filter((value) => !weakest.includes(value)) : [];
  return html`<section aria-labelledby="activations">
<h2 id="activations">Activations and their stored range</h2>
<p>How often each size of value occurred in calibration (counts are logarithmic; exact zeros, which are stored exactly, are left out), between the two ends that the stored integers reach. <span class="key cut"></span>What lies beyond is cut to the end. ${many ? `The ${WEAKEST} weakest of ${own.length}, weakest first.` : 'In order of execution.'}</p>
<div class="cards">${shown.map(histogram)}</div>
${rest.length > 0 ? html`<details><summary>The other ${plural(rest.length, 'value')}, in order of execution</summary><div class="cards">${rest.map(histogram)}</div></details>` : undefined}
<details><summary>Every value and the reason for its range</summary>
${table({
  caption: 'Stored values in order of execution',
  head: html`${headings(['Value', 'SQNR', 'Seen', 'Stored', 'Cut', 'Scale', 'Zero point'])}<th scope="col" class="text">Reason</th>`,
  rows: all.map(row),
})}
</details>
</section>`;
}

function row({ name, sqnrDb, seen, clip, cut, scale, zeroPoint, reason }: Stored): Markup {
  return html`<tr><th scope="row" class="name">${name}</th><td>${decibel(sqnrDb)}</td><td>${span(seen)}</td><td>${span(clip)}</td><td>${percent(cut)}</td><td>${number(scale)}</td><td>${zeroPoint}</td><td class="text">${reason}</td></tr>`;
}

function span([from, to]: Interval): string {
  return `${number(from)} to ${number(to)}`;
}

export function storedValues({ int8, scheme }: ReportData): readonly Stored[] {
  const fidelity = new Map(int8.layers.map(({ name, sqnrDb }) => [name, sqnrDb]));
  const { activations: stored, equalized } = int8.plan;
  const seen = equalizeStatistics(int8.statistics, equalized);
  return [...stored].flatMap(([name, plan]) => {
    const statistics = seen.get(name);
    if (!statistics) return [];
    const { count, min, max } = statistics;
    const clip = storedRange(plan, scheme);
    return [
      {
        name,
        sqnrDb: fidelity.get(name) ?? 0,
        reason: equalized.has(name) ? `${plan.reason}, its channels rescaled` : plan.reason,
        sharesWith: plan.sharesWith,
        scale: plan.scale,
        zeroPoint: plan.zeroPoint,
        seen: [min, max] as const,
        clip,
        cut: count > 0 ? countOutside(statistics.histogram, clip) / count : 0,
        zeros: count > 0 ? statistics.histogram.zeros / count : 0,
        statistics: statistics.histogram,
      },
    ];
  });
}

function storedRange({ scale, zeroPoint }: QuantizationParameters, scheme: Scheme): Interval {
  const [low, high] = activationLimits(scheme);
  return [(low - zeroPoint) * scale, (high - zeroPoint) * scale];
}
