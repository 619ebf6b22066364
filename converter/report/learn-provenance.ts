import { html, type Markup } from './html.ts';
import type { LearnReportData } from './learn-data.ts';

/** Where the model comes from, as it says itself. */
export function learnProvenance(data: LearnReportData): Markup {
  const { base, recipe, seed, tool, labels, pictures, skipped, warnings, tuned, ms } = data;
  const facts: readonly (readonly [string, string | Markup])[] = [
    ['Base model', base.file],
    ['SHA-256', html`<code class="hash">${base.sha256}</code>`],
    ['Classes', labels.map((label, index) => `${label} (${pictures[index] ?? 0})`).join(', ')],
    [tuned ? 'Tuning' : 'Head', recipe],
    ['Seed', String(seed)],
    ['Tool', tool],
    ['Time', `${(ms / 1000).toFixed(1)}\u00a0s`],
    ...warnings.map((warning) => ['Note', warning] as const),
    ...skipped.map((line) => ['Skipped', line] as const),
  ];
  return html`<section>
<h2>Provenance</h2>
<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>`;
}
