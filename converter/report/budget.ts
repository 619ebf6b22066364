import { costTable } from './cost.ts';
import type { ReportData } from './data.ts';
import { decibel, fixed, percent, plural } from './format.ts';
import { html, type Markup } from './html.ts';
import { headings, table } from './table.ts';

type BudgetOutcome = NonNullable<ReportData['int8']['budget']>;
type Budget = BudgetOutcome['budget'];
type Figures = BudgetOutcome['plain'];

const PRECISIONS = { wider: '8-bit weights', float: 'float' } as const;

/** What the budget was, which parts were kept in higher precision for it, and their price; nothing where there was no budget. */
export function budget({ int8, scheme, price }: ReportData): Markup | undefined {
  const { budget: outcome } = int8;
  if (outcome === undefined) return undefined;
  return html`<section aria-labelledby="budget">
<h2 id="budget">What the budget took</h2>
<p>${sentence(outcome, scheme.name)}</p>
${outcome.kept.length > 0 ? keptTable(outcome) : undefined}
${
  price &&
  costTable({
    caption: `What that costs, measured on ${price.where}`,
    head: [`${scheme.name} throughout`, 'As written', 'Price'],
    before: price.plain,
    after: price.mixed,
    ratio: (before, after) => after / before,
  })
}
</section>`;
}

function sentence({ budget: asked, reached, plain, kept, proof, search }: BudgetOutcome, scheme: string): string {
  const wanted = `Asked for: ${limits(asked)}. ${scheme} throughout: ${figures(plain)}.`;
  if (!reached) {
    return `${wanted} Out of reach: with all but one layer in float ${search ? figures(search) : 'it is no better'}.`;
  }
  if (kept.length === 0) return `${wanted} Nothing had to be kept in higher precision.`;
  const others = proof?.fresh ? ' that the search did not use' : ', all of which the search used';
  return `${wanted} With ${plural(kept.length, 'part')} in higher precision: ${proof ? `${figures(proof)}${others}` : ''}.`;
}

function limits({ sqnrDb, agreement, drop }: Budget): string {
  return [
    ...(sqnrDb === undefined ? [] : [`${decibel(sqnrDb)} or more`]),
    ...(agreement === undefined ? [] : [`agreement of ${percent(agreement)} or more`]),
    ...(drop === undefined ? [] : [`a drop of ${drop} points of top-1 at most`]),
  ].join(', ');
}

function figures({ pictures, sqnrDb, agreement, drop }: Figures): string {
  const lost = drop === undefined ? '' : `, a drop of ${fixed(drop, 2)} points`;
  return `${decibel(sqnrDb)}, ${percent(agreement)} agreement${lost} on ${plural(pictures, 'picture')}`;
}

function keptTable({ kept }: BudgetOutcome): Markup {
  return table({
    caption: 'Kept in higher precision, and the SQNR of the logits with that part alone in integers',
    kind: 'cost',
    head: headings(['Part', 'Precision', 'Alone in integers']),
    rows: kept.map(
      ({ name, precision, sqnrDb }) =>
        html`<tr><th scope="row">${name}</th><td>${PRECISIONS[precision]}</td><td>${decibel(sqnrDb)}</td></tr>`,
    ),
  });
}
