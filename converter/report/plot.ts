import { html, type Markup } from './html.ts';
import type { Interval, Scale } from './scale.ts';

/** Units of a plot's drawing from top to bottom; from left to right it has {@link COLUMN} for every item. */
export const HEIGHT = 100;
export const COLUMN = 10;

/** Shares of the width that a stage's name needs, on a small screen and on a large one. */
const ROOM = 0.1;
const LEAST_ROOM = 0.05;

export type Plot = {
  /** What the picture shows, for those who cannot see it. */
  readonly label: string;
  readonly names: readonly string[];
  /** From the values of `ticks` to units from the top. */
  readonly y: Scale;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  readonly unit: string;
  /** SVG in units of the plot, one for each name. */
  readonly columns: readonly Markup[];
  /** Drawn over the columns. */
  readonly over?: Markup;
};

/**
 * A drawing against depth with axes. The SVG stretches with the page while its lines keep their width; the axes' text is HTML
 * beside it, so that it keeps its size on small screens.
 */
export function plot({ label, names, y, ticks, unit, columns, over }: Plot): Markup {
  const width = names.length * COLUMN;
  const groups = stagesOf(names);
  return html`<div class="plot">
<div class="y" aria-hidden="true"><span class="unit">${unit}</span>${ticks.map(
    ({ value, text }) => html`<span style="top:${place(y(value))}%">${text}</span>`,
  )}</div>
<svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
${ticks.map(({ value }) => line([0, width], [y(value), y(value)], 'grid'))}
${groups.slice(1).map(({ start }) => line([start * COLUMN, start * COLUMN], [0, HEIGHT], 'stage'))}
${columns}
${over}
</svg>
<div class="x" aria-hidden="true">${groups.map(({ name, start }, i) => {
    const from = start / names.length;
    const room = (groups[i + 1]?.start ?? names.length) / names.length - from;
    if (i === groups.length - 1) return html`<span style="right:0">${name}</span>`;
    if (room < LEAST_ROOM) return html``;
    return html`<span class="${room < ROOM ? 'tight' : ''}" style="left:${place(100 * from)}%">${name}</span>`;
  })}</div>
</div>`;
}

export function line(x: Interval, y: Interval, kind: string): Markup {
  return html`<line class="${kind}" x1="${place(x[0])}" x2="${place(x[1])}" y1="${place(y[0])}" y2="${place(y[1])}"/>`;
}

export function rectangle(x: Interval, y: Interval, kind: string): Markup {
  const [width, height] = [x[1] - x[0], y[1] - y[0]];
  return html`<rect class="${kind}" x="${place(x[0])}" y="${place(y[0])}" width="${place(width)}" height="${place(height)}"/>`;
}

/** A coordinate: two digits are finer than any screen. */
export function place(value: number): number {
  return Math.round(value * 100) / 100;
}

type Group = { readonly name: string; readonly start: number };

/** Runs of names with the same first part, such as `layer1`; what stands before and after them is the stem and the head. */
export function stagesOf(names: readonly string[]): readonly Group[] {
  const first = names.findIndex((name) => name.includes('.'));
  const last = names.findLastIndex((name) => name.includes('.'));
  const groups: Group[] = [];
  for (const [start, name] of names.entries()) {
    const group = first < 0 ? '' : start < first ? 'stem' : start > last ? 'head' : (name.split('.')[0] ?? '');
    if (groups.at(-1)?.name !== group) groups.push({ name: group, start });
  }
  return groups;
}
