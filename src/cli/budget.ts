import type { Budget } from '../../converter/budget/budget.ts';
import type { BudgetOutcome, Kept } from '../../converter/budget/hold.ts';
import { ResedgeError } from '../errors.ts';
import { inWords } from '../node/model/budget.ts';
import type { ConvertedFile, Price } from '../node/model/converted-file.ts';
import { FLOOR } from './options.ts';
import { byteSize, milliseconds } from './print.ts';

/** Options that say how much a model may lose. */
type Limits = {
  readonly maxDrop?: number;
  readonly minSqnr?: number;
  readonly minAgreement?: number;
  readonly calibrate?: string;
  readonly validate?: string;
};

/** What no model may fall below, stated or not. */
export function floorOf({ minSqnr, minAgreement }: Limits): Required<Omit<Budget, 'drop'>> {
  return { sqnrDb: minSqnr ?? FLOOR.sqnrDb, agreement: minAgreement ?? FLOOR.agreement };
}

/** What the user states is a budget. Throws `usage` for a drop that nothing could measure. */
export function budgetOf(limits: Limits): { readonly budget?: Budget } {
  const { maxDrop, minSqnr, minAgreement, calibrate, validate } = limits;
  if (maxDrop === undefined && minSqnr === undefined && minAgreement === undefined) return {};
  if (maxDrop !== undefined && calibrate === 'none' && validate === undefined) {
    throw new ResedgeError('usage', '--max-drop needs labelled pictures: give --validate <folder of class folders>');
  }
  return {
    budget: {
      ...(minSqnr === undefined ? {} : { sqnrDb: minSqnr }),
      ...(minAgreement === undefined ? {} : { agreement: minAgreement }),
      ...(maxDrop === undefined ? {} : { drop: maxDrop }),
    },
  };
}

/** What `convert --json` says about a budget. */
export function budgetJson({ conversion, price }: ConvertedFile): Record<string, unknown> {
  const outcome = conversion.int8?.budget;
  if (outcome === undefined) return {};
  const { budget: asked, kept, ...found } = outcome;
  return { kept, budget: { asked, ...found, ...(price ? { price } : {}) } };
}

/** Rows about a budget: whether it holds, what was kept for it, and what that costs on this machine. */
export function budgetRows(
  outcome: BudgetOutcome,
  scheme: string,
  price: Price | undefined,
): readonly [string, string][] {
  const { budget, reached, plain, kept, proof } = outcome;
  const asked = inWords(budget, budget);
  if (!reached) return [['budget', `${asked}: out of reach, ${scheme} throughout is at ${inWords(budget, plain)}`]];
  if (kept.length === 0) return [['budget', `${asked}: ${scheme} throughout holds it with ${inWords(budget, plain)}`]];
  const unused = proof?.fresh ? 'pictures that the search did not use' : 'pictures, which the search used too';
  const held = proof ? `, held with ${inWords(budget, proof)} on ${proof.pictures} ${unused}` : '';
  return [
    ['budget', `${asked}: ${scheme} throughout is at ${inWords(budget, plain)}${held}`],
    ...keptRow('in float', kept, 'float'),
    ...keptRow('8-bit', kept, 'wider'),
    ...(price ? [['price', priceOf(price)] as [string, string]] : []),
  ];
}

function keptRow(name: string, kept: readonly Kept[], precision: Kept['precision']): readonly [string, string][] {
  const names = kept.filter((part) => part.precision === precision).map((part) => part.name);
  return names.length === 0 ? [] : [[name, names.join(', ')]];
}

function priceOf({ where, plain, mixed }: Price): string {
  const slower = 100 * (mixed.ms.p50 / plain.ms.p50 - 1);
  const change = `${slower < 0 ? '' : '+'}${slower.toFixed(0)} %`;
  return `${milliseconds(plain.ms.p50)} -> ${milliseconds(mixed.ms.p50)} (${change}), ${byteSize(plain.bytes)} -> ${byteSize(mixed.bytes)}, on ${where}`;
}
