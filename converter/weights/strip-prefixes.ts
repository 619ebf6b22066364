import { ResedgeError } from '../../src/errors.ts';
import { quote } from './bytes.ts';

/** What DataParallel, Lightning, segmentation and detection code, and torch.compile put before every name. */
const PREFIXES = ['module.', '_orig_mod.', 'model.', 'backbone.'] as const;
/** Most prefixes taken off, one in the other. */
const MAX_PREFIXES = 8;
/** Classification heads, which may stand outside a prefixed body (`backbone.conv1.weight` beside `fc.weight`). */
const HEAD = /^(fc|linear|head|classifier|last_linear)\./;

export type Stripped<T> = {
  readonly tensors: ReadonlyMap<string, T>;
  /** The prefixes taken off, in the order they were. */
  readonly prefixes: readonly string[];
};

/**
 * Takes the known prefixes off as long as every name, the head's apart, carries one. Throws `input` where two tensors end
 * under one name.
 */
export function stripPrefixes<T>(named: ReadonlyMap<string, T>): Stripped<T> {
  const prefixes: string[] = [];
  let tensors = named;
  while (prefixes.length < MAX_PREFIXES) {
    const prefix = sharedPrefix(tensors);
    if (prefix === undefined) break;
    tensors = strip(tensors, prefix);
    prefixes.push(prefix);
  }
  return { tensors, prefixes };
}

function sharedPrefix(tensors: ReadonlyMap<string, unknown>): string | undefined {
  const names = [...tensors.keys()];
  return PREFIXES.find(
    (prefix) =>
      names.some((name) => name.startsWith(prefix)) &&
      names.every((name) => (name.startsWith(prefix) ? name.length > prefix.length : HEAD.test(name))),
  );
}

function strip<T>(tensors: ReadonlyMap<string, T>, prefix: string): ReadonlyMap<string, T> {
  const stripped = new Map<string, T>();
  for (const [name, tensor] of tensors) {
    const short = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (stripped.has(short)) {
      throw new ResedgeError(
        'input',
        `expected one tensor ${quote(short)}, received it with and without the prefix ${prefix}: save the model without the copy`,
      );
    }
    stripped.set(short, tensor);
  }
  return stripped;
}
