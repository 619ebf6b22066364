import { ResedgeError } from '../../src/errors.ts';
import { expectBytes, viewOf } from './bytes.ts';
import type { Machine } from './pickle-machine.ts';
import { OPERATIONS } from './pickle-operations.ts';
import { malformed, type PickleStorage, type PickleValue } from './pickle-values.ts';

/** Longest pickle, in bytes; that of ResNet-152 has 110 KB. */
export const MAX_PICKLE = 33_554_432;
/** Most steps; a tensor takes about forty. */
export const MAX_STEPS = 2_097_152;
const STOP = 0x2e;

export type Unpickled = {
  readonly value: PickleValue;
  /** The byte after the pickle. */
  readonly end: number;
  /** The storages that the value refers to, by key. */
  readonly storages: ReadonlyMap<string, PickleStorage>;
};

/**
 * Reads one pickle from byte `start` on, as torch.save writes it (protocols 2 to 5). Nothing is imported or run: globals
 * come from an allow-list, and every other name is refused. Work and memory are bounded by the named limits.
 */
export function unpickle(bytes: Uint8Array, start = 0): Unpickled {
  const machine: Machine = {
    bytes,
    view: viewOf(bytes),
    at: start,
    stack: [],
    marks: [],
    memo: new Map(),
    storages: new Map(),
    containers: 0,
    tensors: 0,
  };
  for (let step = 0; step < MAX_STEPS && machine.at - start <= MAX_PICKLE; step++) {
    expectBytes(bytes, machine.at, 1, 'the next step of a pickle');
    const code = bytes[machine.at++]!;
    if (code === STOP) {
      const [value] = machine.stack;
      if (value === undefined || machine.stack.length !== 1) throw malformed('one value at the end');
      return { value, end: machine.at, storages: machine.storages };
    }
    const operation = OPERATIONS.get(code);
    if (operation === undefined) {
      throw new ResedgeError(
        'input',
        `refused the pickle step 0x${code.toString(16).padStart(2, '0')} at byte ${machine.at - 1}: a state dict never needs it, or the file is damaged; save model.state_dict() alone`,
      );
    }
    operation(machine);
  }
  throw new ResedgeError(
    'limit',
    `expected a pickle of at most ${MAX_PICKLE} bytes and ${MAX_STEPS} steps, received a longer one: save model.state_dict() alone`,
  );
}
