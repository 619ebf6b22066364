import type { Budget, Figures } from '../../../converter/budget/budget.ts';
import type { BudgetOutcome } from '../../../converter/budget/hold.ts';
import { ResedgeError } from '../../errors.ts';

/** More digits than the largest set of pictures could tell. */
const MOST_DIGITS = 8;

/** Those of the figures that a budget speaks of, in words. */
export function inWords({ sqnrDb, agreement, drop }: Budget, figures: Figures | Budget): string {
  const parts = [
    ...(sqnrDb === undefined ? [] : [`${figures.sqnrDb?.toFixed(1)} dB`]),
    ...(agreement === undefined ? [] : [`${(100 * (figures.agreement ?? 0)).toFixed(1)} % agreement`]),
    ...(drop === undefined ? [] : [`a drop of ${pointsText(figures.drop ?? 0, drop)} points`]),
  ];
  return parts.join(', ');
}

/** With digits enough to tell the least drop that was asked for from none. */
function pointsText(points: number, asked: number): string {
  return points.toFixed(Math.min(MOST_DIGITS, Math.max(2, Math.ceil(-Math.log10(asked)))));
}

/** An error `input` for a budget that is out of reach. */
export function outOfReach({ budget, plain, search }: BudgetOutcome, scheme: string): ResedgeError {
  const most = search ? `, with all but one layer in float it is at ${inWords(budget, search)}` : '';
  return new ResedgeError(
    'input',
    `expected ${inWords(budget, budget)} against FP32, which is out of reach: ${scheme} throughout is at ${inWords(budget, plain)}${most}: ask for less, use --precision fp32, or write ${scheme} throughout with --force`,
  );
}

/** What a user should know of a budget that the pictures cannot tell from a smaller one. */
export function tooFine({ budget, plain, proof }: BudgetOutcome): string | undefined {
  const { pictures } = proof ?? plain;
  const least = 100 / pictures;
  if (budget.drop === undefined || budget.drop >= least) return undefined;
  return `--max-drop ${budget.drop} is less than one of the ${pictures} pictures judged (${least.toFixed(2)} points), so none may be lost: more pictures (--samples, --validate) tell better`;
}
