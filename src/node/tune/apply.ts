import type { PlannedSession } from '../../device/plan.ts';
import type { TunedChoice } from './choice.ts';

type Candidates = readonly [PlannedSession, ...PlannedSession[]];

/** The plan with the tuned way first; unchanged where the plan no longer has its provider. */
export function applyChoice(candidates: Candidates, choice: TunedChoice | undefined): Candidates {
  const tuned = candidates.find(({ provider, backend }) => provider === choice?.provider && backend === choice.backend);
  if (tuned === undefined || choice === undefined) return candidates;
  const { threads, spinning } = choice;
  const first = { ...tuned, threads, spinning, why: `tuned here, ${choice.figure}` };
  return [first, ...candidates.filter((candidate) => candidate !== tuned)];
}
