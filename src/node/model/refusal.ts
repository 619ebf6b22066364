import type { Verdict } from '../../../converter/judge.ts';
import { ResedgeError } from '../../errors.ts';
import type { Floor } from './converted-file.ts';

const CONVERT_MENDS = 'check --mean, --std and the pictures, or write it all the same with --force';

/** An error `input` for a model that says something else than the network it was made from. */
export function refusalOf(
  { sqnrDb, agreement, pictures, generated }: Verdict,
  { floor, report, mend = CONVERT_MENDS }: { readonly floor: Floor; readonly report?: string; readonly mend?: string },
  precision: 'INT8' | 'float16',
): ResedgeError | undefined {
  if (sqnrDb >= floor.sqnrDb && agreement >= floor.agreement) return undefined;
  const found = `${sqnrDb.toFixed(1)} dB and ${(100 * agreement).toFixed(1)} % agreement`;
  const wanted = `${floor.sqnrDb} dB and ${100 * floor.agreement} %`;
  const judgedOn = `${pictures} ${generated ? 'generated ' : ''}picture${pictures === 1 ? '' : 's'}`;
  // One picture that changes its class is more than what may be lost.
  const few =
    !generated && agreement < floor.agreement && 1 - 1 / pictures < floor.agreement ? 'give more pictures, ' : '';
  const look = report === undefined ? '' : `look at ${report}, `;
  return new ResedgeError(
    'input',
    `expected the ${precision} model to be within ${wanted} of FP32, it is at ${found} on ${judgedOn}: ${few}${look}${mend}`,
  );
}
