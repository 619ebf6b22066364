import { html, type Markup } from './html.ts';
import type { LearnReportData } from './learn-data.ts';
import { headings, table } from './table.ts';

/** More classes than this make no readable matrix. */
const MOST = 24;
const PAIRS = 20;
/** Strongest tint of a cell, in percent of its colour. */
const TINT = 45;

/** Which class is taken for which: a matrix, or the pairs that are mistaken most. */
export function learnMatrix({ labels, confusion, judged, tuned }: LearnReportData): Markup {
  const classes = labels.length;
  const count = (row: number, column: number): number => confusion[row * classes + column] ?? 0;
  const who = tuned ? 'the tuned network, which was not trained on it' : 'a head that had not seen it';
  const body = classes <= MOST ? matrix(labels, count) : pairs(labels, count);
  return html`<section>
<h2>What is taken for what</h2>
<p>Each of ${judged} pictures once, answered by ${who}: rows are what a picture shows, columns what was answered.</p>
${body}
</section>`;
}

type Count = (row: number, column: number) => number;

function matrix(labels: readonly string[], count: Count): Markup {
  const rows = labels.map((label, row) => {
    const total = labels.reduce((sum, _, column) => sum + count(row, column), 0);
    const cells = labels.map((_, column) => cell(count(row, column), total, row === column));
    return html`<tr><th scope="row">${label}</th>${cells}</tr>`;
  });
  return table({ caption: 'Pictures by class and answer', kind: 'matrix', head: headings(['', ...labels]), rows });
}

function cell(count: number, total: number, right: boolean): Markup {
  if (count === 0) return html`<td class="none">&middot;</td>`;
  const tint = Math.round((TINT * count) / Math.max(1, total)) + (right ? 0 : 8);
  const colour = right ? '--bar' : '--warm';
  return html`<td style="background: color-mix(in srgb, var(${colour}) ${tint}%, transparent)">${count}</td>`;
}

function pairs(labels: readonly string[], count: Count): Markup {
  const found = labels
    .flatMap((truth, row) =>
      labels.map((answer, column) => ({ truth, answer, row, column, count: count(row, column) })),
    )
    .filter((pair) => pair.row !== pair.column && pair.count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, PAIRS);
  if (found.length === 0) return html`<p>No class was taken for another.</p>`;
  const rows = found.map(
    (pair) => html`<tr><td>${pair.truth}</td><td class="text">${pair.answer}</td><td>${pair.count}</td></tr>`,
  );
  return table({ caption: 'Pairs mistaken most', head: headings(['shown', 'answered', 'pictures']), rows });
}
